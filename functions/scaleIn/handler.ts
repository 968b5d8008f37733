/**
 * Scales a service in without ending a request.
 *
 * What AWS leaves undone and this function does: ECS can't be told which tasks to stop, and a request that arrives between
 * its choice and the balancer's letting go may outlast the deregistration delay and die. So tasks without work lose their
 * targets first; when they have settled, all others are protected, and only then is the desired count lowered by as many.
 * A task whose service has no work protection never counts as working: its requests have the settling time, and after it
 * the deregistration delay and the stop timeout that ECS gives them.
 *
 * Nothing is remembered but by the tags on the tasks, and no step waits for the next: any look at the state may be the
 * last before a crash, and the one after it goes on.
 */
import type { Surroundings } from "../calls";
import { ANSWER_MS, type SqsBatch, type SqsBatchResponse } from "../lambda";
import type { LogRecord } from "../log";
import { actRetire, type Failure, type RetireActing, type RetireActPorts } from "../retire/act";
import { planCheck, planRetire, type RetireAction } from "../retire/plan";
import { readAgain, readRetireState } from "../retire/read";
import type { RetireState } from "../retire/state";
import { CHAIN_SECONDS, parseEvent, type ScaleInEvent } from "./event";
import { aimOf, planScaleIn } from "./plan";
import { readAlarms, readBounds, readRequests, type ScaleInReadPorts } from "./read";
import { report } from "./report";
import type { ScaleInSettings } from "./settings";
import type { AlarmStates, ScaleInState } from "./state";

export interface ScaleInPorts extends Surroundings {
  readonly ecs: ScaleInReadPorts["ecs"] & RetireActPorts["ecs"];
  readonly elbv2: ScaleInReadPorts["elbv2"] & RetireActPorts["elbv2"];
  readonly cloudWatch: ScaleInReadPorts["cloudWatch"];
  readonly applicationAutoScaling: ScaleInReadPorts["applicationAutoScaling"];
  readonly sqs: RetireActPorts["sqs"];
  log(record: LogRecord): void;
}

/** What was read longer ago is too old to lower the desired count by: a target may be back, and have had a request. */
const FRESH_MS = 5000;

interface Handling extends RetireActing {
  readonly ports: ScaleInPorts;
  readonly settings: ScaleInSettings;
}

/**
 * Handles one batch from the function's queue: however many messages, one look.
 * @param remainingMs the invocation's remaining time in milliseconds; nothing is tried again after it.
 */
export async function handleScaleIn(
  batch: SqsBatch | null,
  settings: ScaleInSettings,
  ports: ScaleInPorts,
  remainingMs: number,
): Promise<SqsBatchResponse> {
  const now = ports.now();
  const messages = (batch?.Records ?? []).map(({ messageId, body }) => {
    return { messageId, event: parseEvent(body, settings, now) };
  });
  for (const { event, messageId } of messages) {
    if (event.kind === "ignored") ports.log({ decision: "ignored", messageId, reason: event.reason });
  }
  const ours = messages.filter((message) => message.event.kind !== "ignored");
  const handling: Handling = { ports, settings, deadline: now + remainingMs - ANSWER_MS };
  const events = ours.map((message) => message.event);
  const isDone = ours.length === 0 || (await isLookedAt(events, handling));
  return { batchItemFailures: isDone ? [] : ours.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/** Whether the messages are done with: otherwise they come back when their visibility timeout ends. */
async function isLookedAt(events: readonly ScaleInEvent[], handling: Handling): Promise<boolean> {
  try {
    const alarms = await readAlarms(handling);
    const needsLook = events.some((event) => event.kind === "check" || (event.kind === "sweep" && event.looks));
    if (alarms.low !== "ALARM" && !needsLook) return true;
    return await look(events, alarms, handling);
  } catch (error) {
    handling.ports.log({ decision: "failed", error: String(error), reason: "the messages come back" });
    return false;
  }
}

async function look(events: readonly ScaleInEvent[], alarms: AlarmStates, handling: Handling): Promise<boolean> {
  const { ports, settings } = handling;
  const mayChoose = alarms.low === "ALARM" && events.some((event) => event.kind !== "check");
  const [bounds, requests, service] = await Promise.all([
    readBounds(handling),
    mayChoose ? readRequests(handling) : undefined,
    readRetireState(handling),
  ]);
  if (service === undefined) {
    ports.log({ decision: "ignored", reason: `there is no service ${settings.serviceName}` });
    return true;
  }
  const state: ScaleInState = { ...service, alarms, bounds, requests };
  const now = ports.now();
  const retiring = planRetire(state, aimOf(state), settings, now);
  const isFinishing = retiring.some(finishes);
  const chosen = mayChoose && !isFinishing ? planScaleIn(state, settings, now) : undefined;
  const next = [...retiring.filter((action) => action.kind !== "lower"), ...(chosen?.marks ?? [])];
  const actions = [...planCheck(state, next, chainOf(events, alarms, now), settings, now), ...next];
  const failures = await actRetire(actions, handling);
  const finished = isFinishing ? await finish(state, handling) : { actions: [], failures: [] };
  report(
    {
      actions: [...actions, ...finished.actions],
      failures: [...failures, ...finished.failures],
      blockedBecause: chosen?.blockedBecause,
    },
    ports,
    settings,
  );
  // With a check on its way, a message that came back as well would begin a second chain of them.
  const isChecked = actions.some(
    (action) => action.kind === "check" && !failures.some((each) => each.action === action),
  );
  return isChecked || failures.length === 0;
}

const finishes = (action: RetireAction): boolean => action.kind === "protect" || action.kind === "lower";

/** Until when looks send each other on: as the checks say, or for longer where an event begins anew. */
function chainOf(
  events: readonly ScaleInEvent[],
  alarms: AlarmStates,
  now: number,
): { readonly until: number; readonly isWanted: boolean } {
  const ends = events.map((event) => (event.kind === "check" ? event.until : now + CHAIN_SECONDS * 1000));
  return { until: Math.max(...ends), isWanted: alarms.low === "ALARM" };
}

/** Lowers the desired count if, read once more, it is still the same and every survivor is protected. */
async function finish(
  state: ScaleInState,
  handling: Handling,
): Promise<{ readonly actions: readonly RetireAction[]; readonly failures: readonly Failure[] }> {
  const deadline = Math.min(handling.deadline, handling.ports.now() + FRESH_MS);
  let actions: RetireAction[];
  try {
    const again = await readAgain({ ...handling, deadline }, state);
    actions = again === undefined ? [postponed("a task has joined")] : planLower(state, again, handling);
  } catch (error) {
    actions = [postponed(`the state could not be read again: ${String(error)}`)];
  }
  return { actions, failures: await actRetire(actions, { ...handling, deadline }) };
}

function planLower(state: ScaleInState, again: RetireState, { settings, ports }: Handling): RetireAction[] {
  if (again.service.desiredCount !== state.service.desiredCount) return [postponed("the desired count has changed")];
  const planned = planRetire(again, aimOf(state), settings, ports.now());
  const lower = planned.filter((action) => action.kind === "lower");
  return lower.length > 0 ? lower : [postponed("not every survivor is protected, or the service is not steady")];
}

const postponed = (reason: string): RetireAction => ({ kind: "wait", reason });
