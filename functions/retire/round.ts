/**
 * The end of a round: stops the settled tasks and lowers the desired count by as many, in one breath. Lowered first, ECS
 * would choose by itself, within a second, whom to stop among all that are unprotected at that moment; stopped first, it has
 * nothing left to choose, and only starts replacements where it isn't told in time that none are wanted.
 */
import type { ECS } from "@aws-sdk/client-ecs";
import { allOrEach, LONGEST_CALL_MS, retrying, type CallOptions, type Refusal, type Surroundings } from "../calls";
import { failuresOf, isGone, type Failure, type Of } from "./act";
import type { RetireAction } from "./plan";
import { readService } from "./read";
import type { RetireSettings } from "./settings";

export interface RoundPorts {
  readonly ecs: Pick<ECS, "stopTask" | "updateService" | "describeServices">;
}

export interface RoundActing {
  readonly ports: RoundPorts & Surroundings;
  readonly settings: RetireSettings;
  /** No call is tried again after this moment, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** What was done, and what of it failed. */
export interface Round {
  readonly actions: readonly RetireAction[];
  readonly failures: readonly Failure[];
}

/**
 * How long after the first stop the desired count may still be lowered. ECS starts replacements a second or a few after a
 * task has stopped; lowered later than that, it would have too many and choose among all that are unprotected. The
 * replacements keep the count instead: nothing is lost, and a later round tries again. A crash in between is the same.
 */
export const LOWER_WITHIN_MS = 1000;
/** How long stopping may take of it. What isn't stopped by then is not waited for, and not counted. */
const STOP_WITHIN_MS = 600;

/** Carries out stops and the lowering that goes with them; without one, nothing. */
export async function actRound(planned: readonly RetireAction[], acting: RoundActing): Promise<Round> {
  const stops = planned.filter((action) => action.kind === "stop");
  const lowering = planned.find((action) => action.kind === "lower");
  if (lowering === undefined) return { actions: planned, failures: [] };
  const { ports } = acting;
  const begun = ports.now();
  if (begun + LOWER_WITHIN_MS > acting.deadline)
    return postponed("there is no time left to stop tasks and lower the count");
  const refusals = await stopAll(stops, { ...acting, deadline: begun + STOP_WITHIN_MS });
  const refused = new Set(refusals.flatMap(({ items }) => items));
  const stopped = stops.filter((action) => !refused.has(action));
  // ECS may have replaced one that was gone before: it doesn't count as stopped.
  const failed = failuresOf(refusals.filter(({ error }) => !isGone(error)));
  const done = [...stopped, ...failed.map(({ action }) => action)];
  if (stopped.length === 0) return { actions: done, failures: failed };
  const action = { ...lowering, to: lowering.from - stopped.length };
  const lowered = await lower(action, { ...acting, deadline: begun + LOWER_WITHIN_MS }, acting.deadline);
  return { actions: [...done, ...lowered.actions], failures: [...failed, ...lowered.failures] };
}

/** All at once; one that is stopping already is stopped. */
async function stopAll(
  stops: readonly Of<"stop">[],
  { ports, settings, deadline }: RoundActing,
): Promise<Refusal<Of<"stop">>[]> {
  const stop = ({ taskArn, reason }: Of<"stop">, options: CallOptions): Promise<unknown> =>
    ports.ecs.stopTask({ cluster: settings.clusterArn, task: taskArn, reason }, options);
  const refusals = stops.map((each) => allOrEach([each], (_, options) => stop(each, options), deadline, ports));
  return (await Promise.all(refusals)).flat();
}

/**
 * To a number, not by one: twice is once. Read just before, since somebody else's change would be undone; it then stands,
 * and the replacements keep it.
 * @param answerBy until when its answer is waited for: what counts is when the call is made
 */
async function lower(action: Of<"lower">, acting: RoundActing, answerBy: number): Promise<Round> {
  const { ports, settings, deadline } = acting;
  const request = { cluster: settings.clusterArn, service: settings.serviceName, desiredCount: action.to };
  const call = (): Promise<unknown> => {
    const left = answerBy - ports.now();
    return ports.ecs.updateService(request, { requestTimeout: Math.max(1, Math.min(LONGEST_CALL_MS, left)) });
  };
  try {
    const service = await readService(acting);
    if (service?.desiredCount !== action.from) return postponed("the desired count has changed: replacements keep it");
    if (ports.now() >= deadline) throw new Error("too late to lower the desired count: replacements keep it");
    await retrying(call, deadline, ports);
    return { actions: [action], failures: [] };
  } catch (error) {
    return { actions: [action], failures: [{ action, error }] };
  }
}

export const postponed = (reason: string): Round => ({ actions: [{ kind: "wait", reason }], failures: [] });
