/**
 * Keeps service going while Spot is out.
 *
 * What AWS leaves undone and this function does: a group whose Spot launches fail tries on for as long as it takes, and never launches
 * an On-Demand Instance instead. Here the group's on-demand share rises by what it misses, within limits, and falls again as Spot
 * Instances replace those that stood in, one by one.
 */
import type { Surroundings } from "../calls";
import { ANSWER_MS, handledAtOnce, type SqsBatch, type SqsBatchResponse } from "../lambda";
import type { LogRecord } from "../log";
import { act, type ActPorts } from "./act";
import { parseEvent, type FallbackEvent } from "./event";
import { causeOf } from "./launchFailures";
import { planShare, type SharePlan } from "./plan";
import { planReturn, type ReturnPlan } from "./planReturn";
import { readGroup, type ReadGroup, type ReadPorts } from "./read";
import type { ClusterPorts } from "./readCluster";
import { readShare, readState, type StateReading } from "./readState";
import { report } from "./report";
import type { FallbackSettings } from "./settings";
import type { LaunchFailure } from "./state";

export interface FallbackPorts extends Surroundings {
  readonly autoScaling: ReadPorts["autoScaling"] & ActPorts["autoScaling"];
  readonly ec2: ReadPorts["ec2"] & ActPorts["ec2"];
  readonly ecs: ClusterPorts["ecs"] & ActPorts["ecs"];
  log(record: LogRecord): void;
}

type Told = Exclude<FallbackEvent, { kind: "ignored" }>;

/** Returning is left to the schedule, so that two looks at the same moment don't begin two returns. */
interface Look {
  readonly failures: readonly LaunchFailure[];
  readonly isScheduled: boolean;
}

interface Handling extends StateReading {
  readonly ports: FallbackPorts;
}

/**
 * Handles one batch from the events queue: all its messages are one look at the group.
 * @param remainingMs the invocation's remaining time in milliseconds; nothing is tried again after it.
 */
export async function handleFallback(
  batch: SqsBatch | null,
  settings: FallbackSettings,
  ports: FallbackPorts,
  remainingMs: number,
): Promise<SqsBatchResponse> {
  const now = ports.now();
  const handling = { ports, settings, deadline: now + remainingMs - ANSWER_MS };
  const parse = (body: string | null) => parseEvent(body, settings.autoScalingGroupName, now);
  return handledAtOnce(batch, parse, ports, (events) => look(lookOf(events), handling));
}

function lookOf(events: readonly Told[]): Look {
  const failures = events.flatMap((event) => {
    const cause = event.kind === "launchFailed" ? causeOf(event.message) : undefined;
    return event.kind === "launchFailed" && cause !== undefined ? [{ at: event.at, cause }] : [];
  });
  return { failures, isScheduled: events.some(({ kind }) => kind === "sweep") };
}

/** Whether all that was decided is done. */
async function look({ failures, isScheduled }: Look, handling: Handling): Promise<boolean> {
  const { ports, settings } = handling;
  const group = await readGroup(handling);
  if (group === undefined || isQuiet(group, settings)) return true;
  const { state, instances } = await readShare(handling, group, failures);
  const share = planShare(state, settings, ports.now());
  const mayReturn = isScheduled && share.actions.length === 0 && group.mark !== undefined;
  if (!mayReturn) return carryOut(group, share, undefined, handling);
  const whole = await readState(handling, group, state, instances);
  return carryOut(group, share, planReturn(whole, settings, ports.now()), handling);
}

/** The usual minute: one call, and nothing to do. */
const isQuiet = ({ mark, distribution, members, desired }: ReadGroup, { declaredBase }: FallbackSettings): boolean =>
  mark === undefined && distribution.base === declaredBase && members.length >= desired;

async function carryOut(
  { asRead }: ReadGroup,
  { actions: ofShare, found }: SharePlan,
  back: ReturnPlan | undefined,
  handling: Handling,
): Promise<boolean> {
  const { returned, waitsFor } = { returned: 0, waitsFor: undefined, ...back };
  const actions = [...ofShare, ...(back?.actions ?? [])];
  const failure = await act(actions, { ...handling, asRead });
  report({ actions, failure, found, returned, waitsFor }, handling.ports, handling.settings);
  return failure === undefined;
}
