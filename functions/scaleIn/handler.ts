/**
 * Scales a service in without ending a request or a job.
 *
 * What AWS leaves undone and this function does: ECS can't be told which tasks to stop, and a request that arrives between
 * its choice and the balancer's letting go may outlast the deregistration delay and die. So tasks without work lose their
 * targets first; when they have settled, they are stopped, and the desired count is lowered by as many.
 *
 * Nobody has a request on a task when it is stopped. Where the service protects its work, one that is unprotected had none
 * when that was read, and it can't have got one since: its target has been out for the settling time, in which the balancer
 * has let go and whatever came last is protected; one that ECS registered again needs to pass a health check first, and a
 * look that comes too late to be sure of that stops nothing. Where it doesn't, the settling time is at least the
 * deregistration delay, after which the balancer has ended whatever was open.
 *
 * A worker without a balancer can't be taken out of its queue: it may take a job up to the moment in which it is stopped. Its
 * protection, read last of all, says whether it has; a job that it takes between that read and StopTask, a fraction of a second,
 * gets SIGTERM and the whole stop timeout, and its consumer finishes it or gives it back. It may be begun again, but isn't lost.
 *
 * Nothing is remembered but by the tags on the tasks, and in the message to the next look when targets were out; no step
 * waits for the next: any look at the state may be the last before a crash, and the one after it goes on.
 */
import { ANSWER_MS, handledAtOnce, type SqsBatch, type SqsBatchResponse } from "../lambda";
import type { LogRecord } from "../log";
import { planRetire, type RetireAction } from "../retire/plan";
import { readRetireState } from "../retire/read";
import { actRound } from "../retire/round";
import { actAndCheck, endRound, endsRound, type StepPorts, type Stepping } from "../retire/step";
import { CHAIN_SECONDS, parseEvent, type ScaleInEvent } from "./event";
import { aimOf, planScaleIn, planUnplaced } from "./plan";
import { readAlarms, readBounds, readLoad, type ScaleInReadPorts } from "./read";
import { report } from "./report";
import type { ScaleInSettings } from "./settings";
import type { AlarmStates, ScaleInState } from "./state";

export interface ScaleInPorts extends StepPorts {
  readonly cloudWatch: ScaleInReadPorts["cloudWatch"];
  readonly applicationAutoScaling: ScaleInReadPorts["applicationAutoScaling"];
  log(record: LogRecord): void;
}

interface Handling extends Stepping {
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
  const handling: Handling = { ports, settings, deadline: now + remainingMs - ANSWER_MS };
  const parse = (body: string | null) => parseEvent(body, settings, now);
  return handledAtOnce(batch, parse, ports, (events) => lookIfNeeded(events, handling));
}

async function lookIfNeeded(events: readonly ScaleInEvent[], handling: Handling): Promise<boolean> {
  const alarms = await readAlarms(handling);
  const needsLook = events.some((event) => event.kind === "check" || (event.kind === "sweep" && event.looks));
  return alarms.low !== "ALARM" && !needsLook ? true : look(events, alarms, handling);
}

async function look(events: readonly ScaleInEvent[], alarms: AlarmStates, handling: Handling): Promise<boolean> {
  const { ports, settings } = handling;
  const mayChoose = alarms.low === "ALARM" && events.some((event) => event.kind !== "check");
  const state = await readState(events, alarms, mayChoose, handling);
  if (state === undefined) {
    ports.log({ decision: "ignored", reason: `there is no service ${settings.serviceName}` });
    return true;
  }
  const plannedAt = ports.now();
  const retiring = planRetire(state, aimOf(state), settings, plannedAt);
  const isFinishing = retiring.some(endsRound);
  const choice = mayChoose && !isFinishing ? choiceOf(state, settings, plannedAt) : NO_CHOICE;
  const next = [...retiring.filter((action) => !endsRound(action)), ...choice.marks];
  const acted = await actAndCheck(next, state, { ...chainOf(events, alarms, plannedAt), plannedAt }, handling);
  const { outAt } = acted;
  const ends = isFinishing && outAt !== undefined;
  const aimAgain = async ({ deadline }: Stepping) => {
    return aimOf({ ...state, alarms: await readAlarms({ ...handling, deadline }) });
  };
  const round = ends
    ? await endRound({ ...state, outAt }, aimAgain, handling)
    : await actRound(choice.unplaced, handling);
  const actions = [...acted.actions, ...round.actions];
  const failures = [...acted.failures, ...round.failures];
  report({ actions, failures, blockedBecause: choice.blockedBecause }, ports, settings);
  // With a check on its way, a message that came back as well would begin a second chain of them.
  return acted.isChecked || acted.failures.length === 0;
}

interface Choice extends ReturnType<typeof planScaleIn> {
  /** What ends tasks that have yet to find an instance. */
  readonly unplaced: readonly RetireAction[];
}

const NO_CHOICE: Choice = { marks: [], blockedBecause: undefined, unplaced: [] };

function choiceOf(state: ScaleInState, settings: ScaleInSettings, now: number): Choice {
  const unplaced = planUnplaced(state, settings);
  return unplaced.length > 0 ? { ...NO_CHOICE, unplaced } : { ...planScaleIn(state, settings, now), unplaced };
}

/** Undefined where the service is gone. */
async function readState(
  events: readonly ScaleInEvent[],
  alarms: AlarmStates,
  mayChoose: boolean,
  handling: Handling,
): Promise<ScaleInState | undefined> {
  const [bounds, load, service] = await Promise.all([
    readBounds(handling),
    mayChoose ? readLoad(handling) : undefined,
    readRetireState(handling, mayChoose ? "all" : "marked"),
  ]);
  return service && { ...service, alarms, bounds, load, outAt: outAtOf(events) };
}

/** When targets were out, as the latest check says that can. */
function outAtOf(events: readonly ScaleInEvent[]): number | undefined {
  const known = events.flatMap((event) => (event.kind === "check" ? (event.outAt ?? []) : []));
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Until when looks send each other on: as the checks say, or for longer where an event begins anew. */
function chainOf(
  events: readonly ScaleInEvent[],
  alarms: AlarmStates,
  now: number,
): { readonly until: number; readonly isWanted: boolean } {
  const ends = events.map((event) => (event.kind === "check" ? event.until : now + CHAIN_SECONDS * 1000));
  return { until: Math.max(...ends), isWanted: alarms.low === "ALARM" };
}
