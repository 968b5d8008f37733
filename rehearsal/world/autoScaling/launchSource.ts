import type { LaunchedFrom, LaunchTemplate } from "../ec2/launchTemplate";

/** The template's version that a group launches from; another one while an instance refresh brings it. */
export class LaunchSource {
  /** Undefined: the group's own. */
  brought: number | undefined;

  constructor(
    readonly template: LaunchTemplate,
    public version: number,
  ) {}

  next(): LaunchedFrom | undefined {
    return this.template.launchFrom(this.brought ?? this.version);
  }
}
