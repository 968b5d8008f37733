/** Raises desired counts and keeps what is raised in the group's tags. Each action can run twice. */
import type { AutoScaling } from "@aws-sdk/client-auto-scaling";
import type { ECS } from "@aws-sdk/client-ecs";
import type { SQS } from "@aws-sdk/client-sqs";
import { retrying, type Surroundings } from "../calls";
import type { LookMessage } from "./event";
import { tagKeyOf, tagValue, type GroupTag } from "./groupTag";
import { readServices, readTags, type Reading } from "./read";
import type { RebalanceSettings } from "./settings";

export type RebalanceAction =
  /** Tags the group and then raises the service's desired count. */
  | {
      readonly kind: "raise";
      readonly service: string;
      readonly from: number;
      readonly to: number;
      readonly reason: string;
    }
  /** The tasks that go are new ones. */
  | { readonly kind: "tag"; readonly service: string; readonly tag: GroupTag; readonly reason: string }
  | { readonly kind: "rest"; readonly service: string; readonly until: number; readonly reason: string }
  /** Takes the tag off. */
  | { readonly kind: "untag"; readonly service: string; readonly reason: string }
  | (LookMessage & { readonly delaySeconds: number; readonly reason: string });

export interface RebalanceActPorts {
  readonly ecs: Pick<ECS, "updateService">;
  readonly autoScaling: Pick<AutoScaling, "createOrUpdateTags" | "deleteTags">;
  readonly sqs: Pick<SQS, "sendMessage">;
}

export interface Acting extends Reading {
  readonly ports: Reading["ports"] & RebalanceActPorts & Surroundings;
}

/** An action that was not carried out, and why. */
export interface Failed {
  readonly action: RebalanceAction;
  readonly error: unknown;
}

/** Carries out all at once; one that fails doesn't hold up another. */
export async function act(actions: readonly RebalanceAction[], acting: Acting): Promise<Failed[]> {
  const results = await Promise.allSettled(actions.map((action) => actOne(action, acting)));
  return results.flatMap((result, index) =>
    result.status === "rejected" ? [{ action: actions[index]!, error: result.reason as unknown }] : [],
  );
}

async function actOne(action: RebalanceAction, acting: Acting): Promise<void> {
  switch (action.kind) {
    case "raise":
      return raise(action, acting);
    case "tag":
      return tagGroup(action.service, action.tag, acting);
    case "rest":
      return tagGroup(action.service, { kind: "resting", until: action.until }, acting);
    case "untag":
      return untagGroup(action.service, acting);
    case "look":
      return look(action, acting);
    default:
      action satisfies never;
  }
}

/**
 * The tag first: a raised count that nothing tells of would stay. Then both are read again, since another look may have done the same
 * meanwhile; what it has written stands.
 */
async function raise(
  { service, from, to }: Extract<RebalanceAction, { kind: "raise" }>,
  acting: Acting,
): Promise<void> {
  const { ports, settings, deadline } = acting;
  const tag: GroupTag = { kind: "moving", before: from, raised: to, since: ports.now(), isVain: false };
  await tagGroup(service, tag, acting);
  const [tags, [now]] = await Promise.all([readTags(acting), readServices(acting, [service])]);
  const written = tags.services.get(service);
  // A read that lags shows no tag yet; another look's is another one.
  if (written !== undefined && tagValue(written) !== tagValue(tag)) throw new Error("another look has tagged it");
  if (now?.desiredCount !== from) throw new Error("the desired count has changed");
  const request = { cluster: settings.clusterArn, service, desiredCount: to };
  await retrying((options) => ports.ecs.updateService(request, options), deadline, ports);
}

/** A tag of the group alone: its instances don't get it. */
const tagOf = (service: string, { settings }: Acting) => ({
  ResourceId: settings.autoScalingGroupName,
  ResourceType: "auto-scaling-group",
  Key: tagKeyOf(service),
  PropagateAtLaunch: false,
});

async function tagGroup(service: string, tag: GroupTag, acting: Acting): Promise<void> {
  const { ports, deadline } = acting;
  const Tags = [{ ...tagOf(service, acting), Value: tagValue(tag) }];
  await retrying((options) => ports.autoScaling.createOrUpdateTags({ Tags }, options), deadline, ports);
}

async function untagGroup(service: string, acting: Acting): Promise<void> {
  const { ports, deadline } = acting;
  const Tags = [tagOf(service, acting)];
  await retrying((options) => ports.autoScaling.deleteTags({ Tags }, options), deadline, ports);
}

async function look(
  { until, begins, delaySeconds: DelaySeconds }: Extract<RebalanceAction, { kind: "look" }>,
  { ports, settings, deadline }: Acting & { readonly settings: RebalanceSettings },
): Promise<void> {
  const message: LookMessage = { kind: "look", until, begins };
  const request = { QueueUrl: settings.queueUrl, DelaySeconds, MessageBody: JSON.stringify(message) };
  await retrying((options) => ports.sqs.sendMessage(request, options), deadline, ports);
}
