/**
 * Drains instances that EC2 is about to take back.
 *
 * What AWS leaves undone and this function does: targets leave the balancer within seconds whatever the service's
 * minimum healthy percent; one target keeps serving where nothing else does; each task gets SIGTERM early enough for its
 * whole stop timeout; the replacement is launched at the notice rather than after the loss; what a lost event left is swept.
 */
import type { Surroundings } from "../calls";
import { ANSWER_MS, received, type Message, type SqsBatch, type SqsBatchResponse } from "../lambda";
import type { LogRecord } from "../log";
import { act, type ActPorts, type Acting, type Failure } from "./act";
import { parseEvent, type CheckMessage, type InterruptionEvent, type RecommendationEvent } from "./event";
import { plan, planLastLook, planNotice, planSweep } from "./plan";
import { readNoticed, readState, type ReadPorts } from "./read";
import { readSweep } from "./readSweep";
import { handleHints, handleRecommended } from "./recommendation/handler";
import { planTakeOver } from "./recommendation/plan";
import type { RefreshReader } from "./recommendation/read";
import { report, type Outcome } from "./report";
import type { DrainSettings } from "./settings";
import type { NoticedInstance } from "./state";

export interface DrainPorts extends Surroundings {
  readonly ecs: ReadPorts["ecs"] & ActPorts["ecs"];
  readonly elbv2: ReadPorts["elbv2"] & ActPorts["elbv2"];
  readonly autoScaling: ReadPorts["autoScaling"] & ActPorts["autoScaling"] & RefreshReader;
  readonly ec2: ActPorts["ec2"];
  readonly sqs: ActPorts["sqs"];
  log(record: LogRecord): void;
}

interface Handling extends Acting {
  readonly ports: DrainPorts;
}

type GoingMessage = Message<InterruptionEvent | CheckMessage>;

/**
 * Handles one batch from the events queue.
 * @param remainingMs the invocation's remaining time in milliseconds; nothing is tried again after it.
 */
export async function handleDrain(
  batch: SqsBatch | null,
  settings: DrainSettings,
  ports: DrainPorts,
  remainingMs: number,
): Promise<SqsBatchResponse> {
  const now = ports.now();
  const messages = received(batch, (body) => parseEvent(body, now), ports);
  const going = messages.filter((message): message is GoingMessage => "deadline" in message.event);
  const recommended = messages.filter(isRecommended);
  const sweeps = messages.filter((message) => message.event.kind === "sweep");
  const deadline = now + remainingMs - ANSWER_MS;
  const handling: Handling = { ports, settings, deadline, ends: new Map() };
  const failed = await Promise.all([
    guarded(going, ports, () => handleGoing(going, { ports, settings, deadline })),
    guarded(recommended, ports, () => handleRecommended(recommended, handling)),
    handleSweeps(sweeps, handling),
  ]);
  return { batchItemFailures: failed.flat().map((itemIdentifier) => ({ itemIdentifier })) };
}

const isRecommended = (message: Message<{ readonly kind: string }>): message is Message<RecommendationEvent> =>
  message.event.kind === "recommendation";

/** Hints first: an instance that is ACTIVE again is not empty for want of tasks. What fails of them the next sweep does. */
async function handleSweeps(sweeps: readonly Message<unknown>[], handling: Handling): Promise<string[]> {
  if (sweeps.length > 0) await handleHints(handling);
  return guarded(sweeps, handling.ports, () => handleSweep(sweeps, handling));
}

/** A failed read fails all its messages; they come back when their visibility timeout ends. */
async function guarded(
  messages: readonly Message<unknown>[],
  ports: DrainPorts,
  run: () => Promise<string[]>,
): Promise<string[]> {
  if (messages.length === 0) return [];
  try {
    return await run();
  } catch (error) {
    ports.log({ decision: "failed", error: String(error), reason: "the messages come back" });
    return messages.map((message) => message.messageId);
  }
}

/** When each instance goes: the earliest that its messages say. */
function endsOf(messages: readonly GoingMessage[]): Map<string, number> {
  const ends = new Map<string, number>();
  for (const { event } of messages) {
    ends.set(event.instanceId, Math.min(event.deadline, ends.get(event.instanceId) ?? event.deadline));
  }
  return ends;
}

/** A check does all that a notice does: whatever one failed to do, the next look makes up for. */
async function handleGoing(messages: readonly GoingMessage[], given: Omit<Handling, "ends">): Promise<string[]> {
  const { ports, settings } = given;
  const ends = endsOf(messages);
  const handling: Handling = { ...given, ends, deadline: Math.min(given.deadline, Math.max(...ends.values())) };
  const found = await readNoticed(handling, ends);
  const checked = new Set(messages.filter(({ event }) => event.kind === "check").map(({ event }) => event.instanceId));
  const ours = found.noticed.filter((each) => isOurs(each, checked));
  for (const { instanceId } of found.noticed.filter((each) => !isOurs(each, checked))) {
    ports.log({ decision: "ignored", instanceId, reason: "it is no instance of this cluster" });
  }
  if (ours.length === 0) return [];

  const notices = new Set(messages.flatMap(({ event }) => (event.kind === "interruption" ? [event.instanceId] : [])));
  const noticed = ours.filter((each) => notices.has(each.instanceId));

  // Neither waits for the other: a group that refuses to detach doesn't hold up what keeps requests from being lost.
  const results = await Promise.allSettled([
    carryOut(
      [
        ...planNotice(ours, settings),
        ...planTakeOver(noticed, settings),
        ...planLastLook(noticed, settings, ports.now()),
      ],
      handling,
    ),
    readState(handling, ours, found).then((state) => carryOut(plan(state, settings, ports.now()), handling)),
  ]);
  const outcomes = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const ids = new Set(ours.map((each) => each.instanceId));
  const events = messages.flatMap(({ event }) =>
    event.kind === "interruption" && ids.has(event.instanceId) ? [event] : [],
  );
  report(outcomes, events, ports, settings);
  for (const result of results) if (result.status === "rejected") throw result.reason;
  return failedMessages(messages, outcomes);
}

/**
 * Whether an instance is this cluster's. One that boots is in the group alone, and once detached in neither; then
 * a check is what knows it, since only an instance that was found to be ours has one.
 */
function isOurs(each: NoticedInstance, checked: ReadonlySet<string>): boolean {
  const { instanceId, containerInstanceArn, lifecycleState } = each;
  const inGroup = lifecycleState !== undefined && lifecycleState !== "Unknown";
  return containerInstanceArn !== undefined || inGroup || checked.has(instanceId);
}

async function carryOut(actions: Outcome["actions"], acting: Acting): Promise<Outcome> {
  return { actions, failures: await act(actions, acting) };
}

async function handleSweep(messages: readonly Message<unknown>[], handling: Handling): Promise<string[]> {
  const { ports, settings } = handling;
  const actions = planSweep(await readSweep(handling), settings);
  if (actions.length === 0) return [];
  const outcome = await carryOut(actions, handling);
  report([outcome], [], ports, settings);
  return outcome.failures.length > 0 ? messages.map((message) => message.messageId) : [];
}

/**
 * The messages that must come back: those of an instance for which something failed and no check is on its way. With
 * one on its way, a message that came back as well would start a second chain of checks, and each of them another.
 */
function failedMessages(messages: readonly GoingMessage[], outcomes: readonly Outcome[]): string[] {
  const failures = outcomes.flatMap((outcome): readonly Failure[] => outcome.failures);
  const failed = new Set(failures.flatMap((failure) => failure.actions));
  const checks = outcomes.flatMap((outcome) => outcome.actions.filter((action) => action.kind === "checkAgain"));
  const willBeChecked = new Set(checks.filter((check) => !failed.has(check)).map((check) => check.instanceId));
  const failedIds = new Set([...failed].map((action) => action.instanceId));
  return messages
    .filter(({ event }) => failedIds.has(event.instanceId) && !willBeChecked.has(event.instanceId))
    .map((message) => message.messageId);
}
