/**
 * Brings a new AMI to the instances that run already.
 *
 * What AWS leaves undone and this function does: a launch template that names a parameter gives the new AMI to new instances, and
 * nobody tells of the old ones, nor replaces them. This function counts them, and in a maintenance window has Auto Scaling replace
 * them by an instance refresh of its own kind, to a version of the template that names the AMI, so that AWS can go back; one at a
 * time, when nothing else is at work in the cluster; and it cancels one that takes too long.
 *
 * Nothing is remembered: what was begun, when and with what, AWS tells.
 */
import type { Surroundings } from "../calls";
import { ANSWER_MS, handledAtOnce, type SqsBatch, type SqsBatchResponse } from "../lambda";
import type { LogRecord } from "../log";
import { act, type ActPorts, type Acting } from "./act";
import { parseEvent, type RefreshEvent } from "./event";
import { plan, type Plan } from "./plan";
import { readState, type ReadPorts } from "./read";
import { report, type Outcome } from "./report";
import type { RefreshSettings } from "./settings";

export interface RefreshPorts extends Surroundings {
  readonly autoScaling: ReadPorts["autoScaling"] & ActPorts["autoScaling"];
  readonly ec2: ReadPorts["ec2"] & ActPorts["ec2"];
  readonly ecs: ReadPorts["ecs"];
  log(record: LogRecord): void;
}

interface Handling extends Acting {
  readonly ports: RefreshPorts;
}

/** A version of the template is made before it is refreshed to, and another beneath which it hides: three rounds are enough. */
const MOST_ROUNDS = 3;

/**
 * Handles one batch from the function's queue: however many messages, one look.
 * @param remainingMs the invocation's remaining time in milliseconds; nothing is tried again after it.
 */
export async function handleRefresh(
  batch: SqsBatch | null,
  settings: RefreshSettings,
  ports: RefreshPorts,
  remainingMs: number,
): Promise<SqsBatchResponse> {
  const now = ports.now();
  const handling: Handling = { ports, settings, deadline: now + remainingMs - ANSWER_MS };
  const parse = (body: string | null) => parseEvent(body, settings, now);
  return handledAtOnce(batch, parse, ports, (events) => look(events, handling));
}

/** Whether all that was planned was done. */
async function look(events: readonly RefreshEvent[], handling: Handling): Promise<boolean> {
  const { ports, settings } = handling;
  for (let round = 1; ; round++) {
    const state = await readState(handling);
    const planned = plan(state, settings, ports.now());
    const failures = await act(planned.actions, handling);
    const goesOn = round < MOST_ROUNDS && failures.length === 0 && makesVersion(planned);
    const outcome: Outcome = { ...planned, failures, failedRefreshes: round === 1 ? failedRefreshes(events) : 0 };
    report(state, outcome, ports, settings);
    if (!goesOn) return failures.length === 0;
  }
}

const makesVersion = ({ actions }: Plan): boolean => actions.some(({ kind }) => kind === "makeVersion");

/** An event may come twice. */
function failedRefreshes(events: readonly RefreshEvent[]): number {
  return new Set(events.flatMap((event) => (event.kind === "failed" ? [event.instanceRefreshId] : []))).size;
}
