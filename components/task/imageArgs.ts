/** An image as a service takes it: a reference to one that is there, or a folder to build it from. */
import type * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import type { Architecture } from "../cluster/instanceTypes";
import type { Transform } from "../transform";

/** What Docker calls the instances' architectures. */
export const IMAGE_PLATFORMS = { x86_64: "linux/amd64", arm64: "linux/arm64" } as const satisfies Record<
  Architecture,
  string
>;
export type ImagePlatform = (typeof IMAGE_PLATFORMS)[Architecture];

/** An image that is built from a folder in a git work tree, and pushed to an ECR repository of its own. */
export interface ImageBuild {
  /** The folder, relative to the program's. The image's tag tells its commit, the commit's date, and changes since. */
  readonly context: string;
  /** Relative to the program's folder, too. @default Dockerfile in the context */
  readonly dockerfile?: string;
  /** Build arguments. They can be read from the image: no place for secrets. @default none */
  readonly args?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Stage of the Dockerfile. @default the last one */
  readonly target?: string;
  /** @default that of the cluster's instances */
  readonly platform?: ImagePlatform;
}

/** A reference, pinned by digest or version, e.g. `nginx:1.29.3`; or what to build. */
export type Image = pulumi.Input<string> | ImageBuild;

export interface ImageTransforms {
  repository?: Transform<awsx.ecr.RepositoryArgs>;
  image?: Transform<awsx.ecr.ImageArgs>;
}

/** Outputs and promises are references: what is built must be known before anything is declared. */
export function isImageBuild(image: Image): image is ImageBuild {
  return (
    typeof image === "object" && !pulumi.Output.isInstance(image) && !(image instanceof Promise) && "context" in image
  );
}
