/** ECS's tags, on tasks and container instances. */
import type * as sdk from "@aws-sdk/client-ecs";
import type { Cluster } from "../../world/ecs/cluster";
import type { World } from "../../world/world";
import type { Request } from "../../world/iam";
import { ApiError, type Operation } from "../operation";
import { BUCKETS } from "./common";

const MOST_TAGS = 50;
const LONGEST = { key: 128, value: 256 };

/** A task or a container instance, and how its tags change. */
interface Tagged {
  readonly arn: string;
  readonly kind: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether it still is one: AWS refuses the tags of what has stopped. */
  readonly isGone: boolean;
  set(tags: Readonly<Record<string, string>>): void;
}

function located(arn: string | undefined, world: World): Tagged {
  const kind = /:(task|container-instance)\//.exec(arn ?? "")?.[1];
  if (arn === undefined || kind === undefined) {
    const modelled = "those of tasks and container instances are";
    throw new ApiError("InvalidParameterException", `Tags of '${arn}' are not modelled: ${modelled}.`);
  }
  for (const cluster of world.clusters.values()) {
    const found = kind === "task" ? taskIn(cluster, arn) : instanceIn(cluster, arn);
    if (found !== undefined) return found;
  }
  throw new ApiError("InvalidParameterException", `The specified ${kind.replace("-", " ")} is not found.`);
}

function taskIn(cluster: Cluster, arn: string): Tagged | undefined {
  const task = cluster.visibleTask(arn);
  if (task === undefined) return undefined;
  const isGone = task.lastStatus === "STOPPED";
  return { arn, kind: "task", tags: task.tags, isGone, set: (tags) => cluster.tag(task, tags) };
}

function instanceIn(cluster: Cluster, arn: string): Tagged | undefined {
  const instance = cluster.instances.get(arn);
  if (instance === undefined) return undefined;
  const set: Tagged["set"] = (tags) => cluster.tagInstance(instance, tags);
  return { arn, kind: "container instance", tags: instance.tags, isGone: false, set };
}

function taggable(arn: string | undefined, world: World): Tagged {
  const found = located(arn, world);
  if (!found.isGone) return found;
  throw new ApiError(
    "InvalidParameterException",
    "The specified task is stopped. Specify a running task and try again.",
  );
}

/** What IAM is asked: the service authorization reference gives these actions no `ecs:cluster` to look at. */
function requestOf(
  action: string,
  given: string | undefined,
  keys: readonly string[],
  world: World,
  own = {},
): Request {
  const { arn, tags } = located(given, world);
  const present = Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value] as const);
  return { action, resources: [{ arn, context: { ...Object.fromEntries(present), "aws:TagKeys": keys, ...own } }] };
}

const keysOf = (tags: readonly sdk.Tag[] | undefined): string[] => (tags ?? []).map(({ key }) => key ?? "");

function tagsProblem({ tags = [] }: sdk.TagResourceCommandInput): string | undefined {
  for (const { key = "", value = "" } of tags) {
    if (key === "" || key.length > LONGEST.key) return `the tag key '${key}' has ${key.length} characters: 1 to 128`;
    if (value.length > LONGEST.value) return `the value of ${key} has ${value.length} characters: at most 256`;
    if (/^aws:/i.test(key)) return `the tag key '${key}' begins with aws:, which is AWS's own`;
  }
  return undefined;
}

const tagResource: Operation<sdk.TagResourceCommandInput> = {
  requires: ["resourceArn", "tags"],
  limits: tagsProblem,
  bucket: BUCKETS.tags,
  kind: "modify",
  request: (input, world) => {
    const own = (input.tags ?? []).map(({ key, value }) => [`aws:RequestTag/${key}`, value ?? ""] as const);
    return requestOf("ecs:TagResource", input.resourceArn, keysOf(input.tags), world, Object.fromEntries(own));
  },
  run: (input, world) => {
    const found = taggable(input.resourceArn, world);
    const added = Object.fromEntries((input.tags ?? []).map(({ key, value }) => [key ?? "", value ?? ""]));
    const tags = { ...found.tags, ...added };
    const count = Object.keys(tags).length;
    if (count > MOST_TAGS) {
      throw new ApiError("InvalidParameterException", `${count} tags on a ${found.kind}: at most ${MOST_TAGS}`);
    }
    found.set(tags);
    return {};
  },
};

const untagResource: Operation<sdk.UntagResourceCommandInput> = {
  requires: ["resourceArn", "tagKeys"],
  bucket: BUCKETS.tags,
  kind: "modify",
  request: (input, world) => requestOf("ecs:UntagResource", input.resourceArn, input.tagKeys ?? [], world),
  run: (input, world) => {
    const found = taggable(input.resourceArn, world);
    const keys = new Set(input.tagKeys);
    found.set(Object.fromEntries(Object.entries(found.tags).filter(([key]) => !keys.has(key))));
    return {};
  },
};

export const tags: Readonly<Record<string, Operation>> = { TagResource: tagResource, UntagResource: untagResource };
