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
  /** Takes the tag off; only the one of a rest that is over, where that is why. */
  | { readonly kind: "untag"; readonly service: string; readonly rested?: GroupTag; readonly reason: string }
  /** Nothing, in place of what somebody else was faster with. */
  | { readonly kind: "wait"; readonly service: string; readonly reason: string }
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

export interface Acted {
  /** All that was tried; in place of what somebody else was faster with, a wait that says so. */
  readonly actions: readonly RebalanceAction[];
  readonly failures: readonly Failed[];
}

/** Carries out all at once; one that fails doesn't hold up another. */
export async function act(planned: readonly RebalanceAction[], acting: Acting): Promise<Acted> {
  const results = await Promise.allSettled(planned.map((action) => actOne(action, acting)));
  const actions = planned.map((action, index) => {
    const result = results[index]!;
    return (result.status === "fulfilled" ? result.value : undefined) ?? action;
  });
  const failures = results.flatMap((result, index) =>
    result.status === "rejected" ? [{ action: actions[index]!, error: result.reason as unknown }] : [],
  );
  return { actions, failures };
}

/** What it came to instead, if it did. */
async function actOne(action: RebalanceAction, acting: Acting): Promise<RebalanceAction | undefined> {
  switch (action.kind) {
    case "raise":
      return raise(action, acting);
    case "tag":
      await tagGroup(action.service, action.tag, acting);
      return undefined;
    case "rest":
      await tagGroup(action.service, { kind: "resting", until: action.until }, acting);
      return undefined;
    case "untag":
      return untag(action, acting);
    case "look":
      await look(action, acting);
      return undefined;
    case "wait":
      return undefined;
    default:
      return action satisfies never;
  }
}

/**
 * The tag first: a raised count that nothing tells of would stay. Both are read just before and again after it, since another look may
 * do the same at this moment, and somebody else may set the count: of two looks, the one that tags last goes on.
 */
async function raise(
  { service, from, to }: Extract<RebalanceAction, { kind: "raise" }>,
  acting: Acting,
): Promise<RebalanceAction | undefined> {
  const { ports, settings, deadline } = acting;
  const before = await readNow(service, acting);
  if (before.tag?.kind === "moving") return forestalled(service, ANOTHER_LOOK);
  if (before.desiredCount !== from) return forestalled(service, CHANGED_COUNT);
  const tag: GroupTag = { kind: "moving", before: from, raised: to, since: ports.now(), isVain: false };
  await tagGroup(service, tag, acting);
  const after = await readNow(service, acting);
  // A read that lags shows what was there before; another look's tag is another one.
  if (!isSame(after.tag, tag) && !isSame(after.tag, before.tag)) return forestalled(service, ANOTHER_LOOK);
  if (after.desiredCount !== from) return forestalled(service, CHANGED_COUNT);
  const request = { cluster: settings.clusterArn, service, desiredCount: to };
  await retrying((options) => ports.ecs.updateService(request, options), deadline, ports);
  return undefined;
}

const ANOTHER_LOOK = "another look has tagged it";
const CHANGED_COUNT = "the desired count has changed";

const forestalled = (service: string, reason: string): RebalanceAction => ({ kind: "wait", service, reason });

/** Read again, since another look may begin to move the service's tasks at the moment in which its rest is found to be over. */
async function untag(
  { service, rested }: Extract<RebalanceAction, { kind: "untag" }>,
  acting: Acting,
): Promise<RebalanceAction | undefined> {
  if (rested !== undefined && !isSame((await readTags(acting)).services.get(service), rested))
    return forestalled(service, ANOTHER_LOOK);
  await untagGroup(service, acting);
  return undefined;
}

/** What stands of a service at this moment. */
async function readNow(
  service: string,
  acting: Acting,
): Promise<{ readonly tag: GroupTag | undefined; readonly desiredCount: number | undefined }> {
  const [tags, [now]] = await Promise.all([readTags(acting), readServices(acting, [service])]);
  return { tag: tags.services.get(service), desiredCount: now?.desiredCount };
}

const isSame = (one: GroupTag | undefined, other: GroupTag | undefined): boolean =>
  (one && tagValue(one)) === (other && tagValue(other));

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
