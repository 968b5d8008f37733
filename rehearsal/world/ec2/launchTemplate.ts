/** A launch template, of which a rehearsal knows the versions and their AMIs: all else is as the program declares it. */
import type { Parameters } from "./parameters";

export interface LaunchTemplateVersion {
  readonly version: number;
  /** An AMI's id, or `resolve:ssm:` and a parameter. */
  readonly imageId: string;
  readonly description: string;
  readonly createdAt: number;
}

/** What an instance is launched from. */
export interface LaunchedFrom {
  readonly imageId: string;
  readonly launchTemplateVersion: number;
}

export class LaunchTemplate {
  readonly versions = new Map<number, LaunchTemplateVersion>();
  defaultVersion = 1;
  private readonly byToken = new Map<string, LaunchTemplateVersion>();
  private count = 0;

  constructor(
    readonly id: string,
    readonly arn: string,
    readonly parameters: Parameters,
    imageId: string,
  ) {
    this.add({ imageId, description: "", createdAt: -Infinity });
  }

  /** The same token stands for the same version. */
  add(given: Omit<LaunchTemplateVersion, "version">, token?: string): LaunchTemplateVersion {
    const known = token === undefined ? undefined : this.byToken.get(token);
    if (known !== undefined) return known;
    const made = { ...given, version: ++this.count };
    this.versions.set(made.version, made);
    if (token !== undefined) this.byToken.set(token, made);
    return made;
  }

  launchFrom(version: number): LaunchedFrom | undefined {
    const named = this.versions.get(version);
    return named && { imageId: this.parameters.resolve(named.imageId), launchTemplateVersion: version };
  }
}
