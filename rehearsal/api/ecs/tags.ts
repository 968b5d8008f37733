/** ECS's tags, on tasks. */
import type * as sdk from "@aws-sdk/client-ecs";
import type { Cluster } from "../../world/ecs/cluster";
import type { Task } from "../../world/ecs/task";
import type { World } from "../../world/world";
import type { ConditionContext, Request } from "../../world/iam";
import { ApiError, type Operation } from "../operation";
import { BUCKETS } from "./common";

const MOST_TAGS = 50;
const LONGEST = { key: 128, value: 256 };

function located(arn: string | undefined, world: World): { readonly cluster: Cluster; readonly task: Task } {
  if (arn?.includes(":task/") !== true) {
    throw new ApiError("InvalidParameterException", `Tags of '${arn}' are not modelled: those of tasks are.`);
  }
  for (const cluster of world.clusters.values()) {
    const task = cluster.visibleTask(arn);
    if (task !== undefined) return { cluster, task };
  }
  throw new ApiError("InvalidParameterException", "The specified task is not found.");
}

/** One that still is a task: AWS refuses the tags of a stopped one. */
function taggable(arn: string | undefined, world: World): { readonly cluster: Cluster; readonly task: Task } {
  const found = located(arn, world);
  if (found.task.lastStatus !== "STOPPED") return found;
  throw new ApiError(
    "InvalidParameterException",
    "The specified task is stopped. Specify a running task and try again.",
  );
}

/** What IAM is asked: the service authorization reference gives these actions no `ecs:cluster` to look at. */
function requestOf(action: string, arn: string | undefined, keys: readonly string[], world: World, own = {}): Request {
  const { task } = located(arn, world);
  const tags = Object.entries(task.tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value] as const);
  const tagKeys: ConditionContext = keys.length === 1 ? { "aws:TagKeys": keys[0]! } : {};
  return { action, resources: [{ arn: task.arn, context: { ...Object.fromEntries(tags), ...tagKeys, ...own } }] };
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
    const { cluster, task } = taggable(input.resourceArn, world);
    const added = Object.fromEntries((input.tags ?? []).map(({ key, value }) => [key ?? "", value ?? ""]));
    const tags = { ...task.tags, ...added };
    const count = Object.keys(tags).length;
    if (count > MOST_TAGS) {
      throw new ApiError("InvalidParameterException", `${count} tags on a task: at most ${MOST_TAGS}`);
    }
    cluster.tag(task, tags);
    return {};
  },
};

const untagResource: Operation<sdk.UntagResourceCommandInput> = {
  requires: ["resourceArn", "tagKeys"],
  bucket: BUCKETS.tags,
  kind: "modify",
  request: (input, world) => requestOf("ecs:UntagResource", input.resourceArn, input.tagKeys ?? [], world),
  run: (input, world) => {
    const { cluster, task } = taggable(input.resourceArn, world);
    const keys = new Set(input.tagKeys);
    cluster.tag(task, Object.fromEntries(Object.entries(task.tags).filter(([key]) => !keys.has(key))));
    return {};
  },
};

export const tags: Readonly<Record<string, Operation>> = { TagResource: tagResource, UntagResource: untagResource };
