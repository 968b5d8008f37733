/** What can be wrong with a service's images. */
import * as pulumi from "@pulumi/pulumi";
import { IMAGE_PLATFORMS, isImageBuild, type Image, type ImageBuild } from "./imageArgs";
import { imageVersion } from "./imageVersion";
import type { Architecture } from "../cluster/instanceTypes";
import { choiceProblems, throwProblems, type Problem } from "../problems";

export interface ImagePolicy {
  readonly production?: boolean;
  readonly allowLatest?: boolean;
}

/** Whether a reference may leave open what it refers to. */
export function latestAllowed({ production, allowLatest }: ImagePolicy): boolean {
  return allowLatest ?? !(production ?? pulumi.getStack().startsWith("prod"));
}

/** Of a reference that is known, or of what is to be built. */
export function imageProblems(
  property: string,
  image: Image,
  policy: ImagePolicy,
  architecture: Architecture | undefined,
): Problem[] {
  if (isImageBuild(image)) return buildProblems(property, image, architecture);
  return typeof image === "string" ? referenceProblems(property, image, policy) : [];
}

/** A tag that moves has a task that is started later run something else than those beside it, as after every interruption. */
export function referenceProblems(property: string, reference: string, policy: ImagePolicy): Problem[] {
  if (latestAllowed(policy) || isPinned(reference)) return [];
  const allowed =
    "a version or a digest in production, because a task that replaces an interrupted one would run whatever was pushed last";
  return [
    { property, given: reference, allowed, change: "give e.g. image:1.2.3 or image@sha256:…, or allowLatest: true" },
  ];
}

/** A registry may have a port, so that only what follows the last slash can hold a tag. */
function isPinned(reference: string): boolean {
  if (reference.includes("@")) return true;
  const [, tag = ""] = reference.slice(reference.lastIndexOf("/") + 1).split(":");
  return tag !== "" && tag !== "latest";
}

function buildProblems(property: string, build: ImageBuild, architecture: Architecture | undefined): Problem[] {
  return [
    ...choiceProblems(`${property}.platform`, build.platform, Object.values(IMAGE_PLATFORMS)),
    ...otherPlatform(`${property}.platform`, build, architecture),
    ...versionProblems(`${property}.context`, build),
  ];
}

function otherPlatform(property: string, { platform }: ImageBuild, architecture: Architecture | undefined): Problem[] {
  if (platform === undefined || architecture === undefined || platform === IMAGE_PLATFORMS[architecture]) return [];
  const allowed = `${IMAGE_PLATFORMS[architecture]}, on which the cluster's instances run`;
  return [{ property, given: platform, allowed, change: `remove it, or give the cluster instances of ${platform}` }];
}

function versionProblems(property: string, build: ImageBuild): Problem[] {
  try {
    imageVersion(build);
    return [];
  } catch (error) {
    const allowed = "a folder in a git work tree with a commit, because the image's tag is the commit and its date";
    const change =
      "install git, and commit the folder; or build and push the image yourself, and give its reference as image";
    return [{ property, given: build.context, allowed, change: `${change} (${firstLine(error)})` }];
  }
}

/** What git said, else what the system did. */
function firstLine(error: unknown): string {
  const { stderr = "", message } = error as { stderr?: string; message: string };
  return (stderr === "" ? message : stderr).trim().split("\n")[0]!;
}

/** A reference that is known only later is checked then. */
export function checkedReference(
  property: string,
  reference: pulumi.Input<string>,
  policy: ImagePolicy,
): pulumi.Input<string> {
  if (typeof reference === "string") return reference;
  return pulumi.output(reference).apply((known) => {
    throwProblems("Image", referenceProblems(property, known, policy));
    return known;
  });
}
