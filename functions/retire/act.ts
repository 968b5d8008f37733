/** Carries out what was planned for tasks that retire, but their end. Each action is idempotent: "already gone" is success. */
import type { ECS } from "@aws-sdk/client-ecs";
import type { ElasticLoadBalancingV2, TargetDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { SQS } from "@aws-sdk/client-sqs";
import { allOrEach, isNamed, isPassing, type CallOptions, type Refusal, type Surroundings } from "../calls";
import { DEREGISTER_SECONDS, type RetireAction } from "./plan";
import type { RetireSettings } from "./settings";
import type { TargetState } from "./state";
import { MARK_TAG, markOf } from "../tags";

export interface RetireActPorts {
  readonly ecs: Pick<ECS, "tagResource" | "untagResource">;
  readonly elbv2: Pick<ElasticLoadBalancingV2, "deregisterTargets" | "registerTargets">;
  readonly sqs: Pick<SQS, "sendMessage">;
}

/** A message to itself: look at the service's marked tasks again. */
export interface CheckMessage {
  readonly kind: "check";
  readonly service: string;
  /** When looks stop sending each other on while the schedule looks too, in milliseconds since the epoch. */
  readonly until: number;
  /** When the targets of all marked tasks were out, in milliseconds since the epoch; absent where one may have been in. */
  readonly outAt?: number;
}

export interface RetireActing {
  readonly ports: RetireActPorts & Surroundings;
  readonly settings: RetireSettings;
  /** No call is tried again after this moment, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** An action that was not carried out, or not wholly, and why. */
export interface Failure {
  readonly action: RetireAction;
  readonly error: unknown;
}

export type Of<K extends RetireAction["kind"]> = Extract<RetireAction, { kind: K }>;

/** Carries out all actions at once, but stops and what goes with them; one that fails doesn't hold up another. */
export async function actRetire(actions: readonly RetireAction[], acting: RetireActing): Promise<Failure[]> {
  const of = <K extends RetireAction["kind"]>(kind: K): Of<K>[] =>
    actions.filter((action): action is Of<K> => action.kind === kind);
  const failures = await Promise.all([
    mark(of("mark"), acting),
    deregister(of("deregister"), acting),
    letGo(of("letGo"), acting),
    ...of("check").map((action) => check(action, acting)),
  ]);
  return failures.flat();
}

/** Tags first: a task whose target is out and that nothing marks would stay out. */
async function mark(actions: readonly Of<"mark">[], acting: RetireActing): Promise<Failure[]> {
  const { ports } = acting;
  const at = ports.now();
  const within = { ...acting, deadline: Math.min(acting.deadline, at + DEREGISTER_SECONDS * 1000) };
  const tags = [{ key: MARK_TAG, value: markOf(at, acting.settings.retirer) }];
  const failures = await eachTask(actions, within, (resourceArn, options) =>
    ports.ecs.tagResource({ resourceArn, tags }, options),
  );
  const failed = new Set<RetireAction>(failures.map((failure) => failure.action));
  const tagged = actions.filter((action) => !failed.has(action));
  if (ports.now() >= within.deadline) {
    return [...failures, ...tagged.map((action) => ({ action, error: new Error("tagged too late to deregister") }))];
  }
  return [...failures, ...(await deregister(tagged, within))];
}

/** Registers first: the mark is what brings back a look at a task whose target is still out. */
async function letGo(actions: readonly Of<"letGo">[], acting: RetireActing): Promise<Failure[]> {
  const { elbv2 } = acting.ports;
  const failures = await eachGroup(actions, acting, (input, options) => elbv2.registerTargets(input, options));
  const failed = new Set<RetireAction>(failures.map((failure) => failure.action));
  const registered = actions.filter((action) => !failed.has(action));
  const untagged = await eachTask(registered, acting, (resourceArn, options) =>
    acting.ports.ecs.untagResource({ resourceArn, tagKeys: [MARK_TAG] }, options),
  );
  return [...failures, ...untagged];
}

/** One call for each task's ARN; a task that is gone has nothing left to do. */
async function eachTask<A extends RetireAction & { readonly taskArn: string }>(
  actions: readonly A[],
  { ports, deadline }: RetireActing,
  call: (taskArn: string, options: CallOptions) => Promise<unknown>,
): Promise<Failure[]> {
  const refusals = await Promise.all(
    actions.map((action) => allOrEach([action], (_, options) => call(action.taskArn, options), deadline, ports)),
  );
  return failuresOf(refusals.flat().filter(({ error }) => !isGone(error)));
}

interface TargetsInput {
  readonly TargetGroupArn: string;
  readonly Targets: TargetDescription[];
}

function deregister(actions: readonly (Of<"mark"> | Of<"deregister">)[], acting: RetireActing): Promise<Failure[]> {
  const { elbv2 } = acting.ports;
  return eachGroup(actions, acting, (input, options) => elbv2.deregisterTargets(input, options));
}

/** Takes targets in or out, all of a group's by one call. */
async function eachGroup<A extends RetireAction & { readonly targets: readonly TargetState[] }>(
  actions: readonly A[],
  { ports, deadline }: RetireActing,
  call: (input: TargetsInput, options: CallOptions) => Promise<unknown>,
): Promise<Failure[]> {
  const groups = new Map<string, { action: A; target: TargetDescription }[]>();
  for (const action of actions) {
    for (const { targetGroupArn, instanceId, port } of action.targets) {
      const known = groups.get(targetGroupArn) ?? [];
      // Without the port AWS answers 200 and leaves a target on a dynamic port as it is.
      known.push({ action, target: { Id: instanceId, Port: port } });
      groups.set(targetGroupArn, known);
    }
  }
  const refusals = await Promise.all(
    [...groups].map(([TargetGroupArn, all]) =>
      allOrEach(
        all,
        (items, options) => call({ TargetGroupArn, Targets: items.map(({ target }) => target) }, options),
        deadline,
        ports,
      ),
    ),
  );
  const serious = refusals.flat().filter(({ error }) => !isGone(error));
  return failuresOf(serious.map(({ items, error }) => ({ items: items.map(({ action }) => action), error })));
}

async function check(action: Of<"check">, { ports, settings, deadline }: RetireActing): Promise<Failure[]> {
  const { until, outAt } = action;
  const message: CheckMessage = { kind: "check", service: settings.serviceName, until, outAt };
  const MessageBody = JSON.stringify(message);
  const request = { QueueUrl: settings.queueUrl, DelaySeconds: action.delaySeconds, MessageBody };
  return failuresOf(
    await allOrEach([action], (_, options) => ports.sqs.sendMessage(request, options), deadline, ports),
  );
}

export const failuresOf = <A extends RetireAction>(refusals: readonly Refusal<A>[]): Failure[] =>
  refusals.flatMap(({ items, error }) => items.map((action) => ({ action, error })));

/** Whether AWS refuses because what the call was about is gone. */
export function isGone(error: unknown): boolean {
  if (isPassing(error)) return false;
  return isNamed(
    error,
    "ResourceNotFoundException",
    "not found",
    "TargetGroupNotFound",
    "TargetGroupNotFoundException",
    "InvalidTarget",
    "InvalidTargetException",
  );
}
