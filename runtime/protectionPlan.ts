/** What the work protection does next, from what is known alone. */
import type { ProtectionTimes } from "./protectionOptions";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** All times in milliseconds since the epoch. */
export interface Situation {
  readonly inProgress: number;
  /** When the last unit of work ended. */
  readonly idleSince: number;
  /** Until when the task is protected, as far as is known. */
  readonly coveredUntil: number;
  /** Somebody shortened the protection. */
  readonly setAgain: boolean;
  /** ECS may have protection that we set. */
  readonly mayHold: boolean;
  /** When ECS last told what it has. */
  readonly answeredAt: number;
  /** What failed isn't tried again before. */
  readonly retryAt: number;
  /** Somebody else protects the idle task; it isn't looked at before. */
  readonly lookAgainAt: number;
}

/** The calls, by what they are for. */
export type Purpose = "protect" | "renew" | "check" | "release";

export type Step =
  { readonly kind: Purpose } | { readonly kind: "wait"; readonly until: number } | { readonly kind: "rest" };

export function nextStep(situation: Situation, now: number, times: ProtectionTimes): Step {
  const step = situation.inProgress > 0 ? workingStep(situation, now, times) : idleStep(situation);
  if (step.kind === "rest" || step.kind === "wait") return step;
  const at = step.kind === "release" ? releaseAt(situation, times) : situation.retryAt;
  return at <= now ? step : { kind: "wait", until: at };
}

function workingStep({ coveredUntil, setAgain, answeredAt }: Situation, now: number, times: ProtectionTimes): Step {
  if (coveredUntil <= now) return { kind: "protect" };
  const renewAt = coveredUntil - (times.expiresInMinutes - times.renewAfterMinutes) * MINUTE_MS;
  if (setAgain || renewAt <= now) return { kind: "renew" };
  const checkAt = answeredAt + times.checkSeconds * SECOND_MS;
  return checkAt <= now ? { kind: "check" } : { kind: "wait", until: Math.min(renewAt, checkAt) };
}

function idleStep({ mayHold }: Situation): Step {
  return mayHold ? { kind: "release" } : { kind: "rest" };
}

function releaseAt({ idleSince, lookAgainAt, retryAt }: Situation, times: ProtectionTimes): number {
  return Math.max(idleSince + times.idleSeconds * SECOND_MS, lookAgainAt, retryAt);
}
