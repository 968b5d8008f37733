/** Builds a service's image and pushes it to a repository of its own. */
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { IMAGE_PLATFORMS, type ImageBuild, type ImageTransforms } from "./imageArgs";
import { imageVersion } from "./imageVersion";
import type { Architecture } from "../cluster/instanceTypes";
import { transformed } from "../transform";

export interface ImageSettings {
  readonly build: ImageBuild;
  readonly architecture: Architecture;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: ImageTransforms;
}

export interface BuiltImage {
  readonly repository: awsx.ecr.Repository;
  readonly image: awsx.ecr.Image;
}

/** Older ones expire, which a rollback to them would miss. */
const IMAGES_KEPT = 100;

const HASH_LENGTH = 8;

export function makeImage(name: string, settings: ImageSettings, parent: pulumi.Resource): BuiltImage {
  const { build, architecture, transform } = settings;
  const repository = new awsx.ecr.Repository(
    `${name}-repository`,
    transformed(repositoryArgs(settings), transform?.repository),
    { parent },
  );
  const how = {
    dockerfile: build.dockerfile,
    args: build.args && { ...build.args },
    target: build.target,
    platform: build.platform ?? IMAGE_PLATFORMS[architecture],
  };
  const args: awsx.ecr.ImageArgs = {
    repositoryUrl: repository.url,
    // With the service's name: awsx names its build after the tag, and two services may be built from one commit.
    imageTag: pulumi.interpolate`${imageVersion(build)}-${name}-${hashOf(how)}`,
    context: build.context,
    ...how,
  };
  // Kept in ECR when the next one takes its place: tasks of the old revision are still started from it, and a build that came out the
  // same is the same image under two tags, of which deleting one would delete both.
  const options = { parent, retainOnDelete: true };
  const image = new awsx.ecr.Image(`${name}-image`, transformed(args, transform?.image), options);
  return { repository, image };
}

/** One commit may be built in more than one way, for another architecture say, and ECR takes no other image under a tag. */
function hashOf(how: object): pulumi.Output<string> {
  const text = pulumi.jsonStringify(how);
  return text.apply((json) => createHash("sha256").update(json).digest("hex").slice(0, HASH_LENGTH));
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html */
function repositoryArgs({ tags }: ImageSettings): awsx.ecr.RepositoryArgs {
  return {
    imageScanningConfiguration: { scanOnPush: true },
    imageTagMutability: "IMMUTABLE",
    encryptionConfigurations: [{ encryptionType: "AES256" }],
    lifecyclePolicy: {
      rules: [
        { description: "Without a tag: parts of builds", tagStatus: "untagged", maximumAgeLimit: 1 },
        { description: "The last ones", tagStatus: "any", maximumNumberOfImages: IMAGES_KEPT },
      ],
    },
    // The images outlive their own resources, so that they go with the repository.
    forceDelete: true,
    tags: pulumi.output(tags),
  };
}
