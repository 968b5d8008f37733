/** One look's part in retiring tasks: what is planned is done, and the end of a round is planned anew from what is read again. */
import type { Surroundings } from "../calls";
import { actRetire, type RetireActing, type RetireActPorts } from "./act";
import { outSince, planCheck, planRetire, type Aim, type RetireAction } from "./plan";
import { readAgain, type RetireReadPorts } from "./read";
import { actRound, postponed, type Round, type RoundPorts } from "./round";
import type { RetireSettings } from "./settings";
import type { RetireState } from "./state";

export interface StepPorts extends Surroundings {
  readonly ecs: RetireReadPorts["ecs"] & RetireActPorts["ecs"] & RoundPorts["ecs"];
  readonly elbv2: RetireReadPorts["elbv2"] & RetireActPorts["elbv2"];
  readonly sqs: RetireActPorts["sqs"];
}

export interface Stepping extends RetireActing {
  readonly ports: StepPorts;
  readonly settings: RetireSettings;
}

/** How looks send each other on. */
export interface Chain {
  /** In milliseconds since the epoch. */
  readonly until: number;
  readonly isWanted: boolean;
  /** When what is done was planned. */
  readonly plannedAt: number;
}

export interface Stepped extends Round {
  /** When the targets of all marked tasks were out; undefined where that can't be said. */
  readonly outAt: number | undefined;
  readonly isChecked: boolean;
}

/** What was read longer ago is too old to stop tasks by: a target may be back, and have had a request. */
const FRESH_MS = 2000;

/** Whether an action ends a round. */
export const endsRound = ({ kind }: RetireAction): boolean => kind === "stop" || kind === "lower";

/** Acts, and then sends the check, which tells what came of it. */
export async function actAndCheck(
  next: readonly RetireAction[],
  state: RetireState,
  chain: Chain,
  stepping: Stepping,
): Promise<Stepped> {
  const { ports, settings } = stepping;
  const failed = await actRetire(next, stepping);
  const failedActions = failed.map(({ action }) => action);
  const outAt = outSince(state, failedActions, settings, { plannedAt: chain.plannedAt, now: ports.now() });
  const checks = planCheck(state, next, { ...chain, outAt }, settings, chain.plannedAt);
  const unsent = await actRetire(checks, stepping);
  return {
    actions: [...checks, ...next],
    failures: [...failed, ...unsent],
    outAt,
    isChecked: checks.length > unsent.length,
  };
}

/**
 * Stops what has settled if, read once more, all is as it was.
 * @param aimAgain reads again what may stop it beside the service itself
 */
export async function endRound(
  state: RetireState,
  aimAgain: (stepping: Stepping) => Promise<Aim>,
  stepping: Stepping,
): Promise<Round> {
  const { ports, deadline } = stepping;
  const freshUntil = Math.min(deadline, ports.now() + FRESH_MS);
  try {
    const planned = await planAgain(state, aimAgain, { ...stepping, deadline: freshUntil });
    return typeof planned === "string" ? postponed(planned) : await actRound(planned, stepping);
  } catch (error) {
    return postponed(`the state could not be read again: ${String(error)}`);
  }
}

/** The stops and the lowering, or why not. */
async function planAgain(
  state: RetireState,
  aimAgain: (stepping: Stepping) => Promise<Aim>,
  stepping: Stepping,
): Promise<readonly RetireAction[] | string> {
  const { ports, settings, deadline } = stepping;
  const [again, aim] = await Promise.all([readAgain(stepping, state), aimAgain(stepping)]);
  if (again === undefined) return "the service is gone";
  if (again.service.desiredCount !== state.service.desiredCount) return "the desired count has changed";
  const now = ports.now();
  if (now >= deadline) return "what was read again is too old";
  const planned = planRetire(again, aim, settings, now).filter(endsRound);
  return planned.length > 0 ? planned : "a task is not settled any more, or the service is not steady";
}
