/**
 * The two minutes between a Spot interruption notice and the end of the instance, and how they are spent:
 * detection, deregistration delay, stop timeout, margin. Every part of Spotproof that reasons about time reads it here.
 */

/** Seconds between a Spot interruption notice and the interruption.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
export const INTERRUPTION_NOTICE_SECONDS = 120;

/** Seconds allowed for a notice to become a draining instance: event delivery, a cold start, the calls. */
export const DETECTION_SECONDS = 5;

/** Seconds kept free before the instance goes. */
export const MARGIN_SECONDS = 5;

/**
 * Seconds before the end at which a task is stopped that served on because nothing else did. Shorter than most stop
 * timeouts: of what it works on then, only requests that take longer than this are lost, and without it every request
 * would be.
 */
export const LAST_STAND_SECONDS = 15;

export interface TimeBudget {
  /** The target group's deregistration delay; 0 for a service without a load balancer. */
  readonly deregistrationDelaySeconds: number;
  /** The longest stop timeout of the service's containers, or the agent's where they set none. */
  readonly stopTimeoutSeconds: number;
}

/** Defaults that fit: 5 + 45 + 60 + 5 = 115 of 120 seconds. */
export const DEFAULT_TIME_BUDGET: TimeBudget = { deregistrationDelaySeconds: 45, stopTimeoutSeconds: 60 };

/** Seconds from the notice until the last stopped container has exited, the margin included. */
export function secondsNeeded(budget: TimeBudget): number {
  return DETECTION_SECONDS + budget.deregistrationDelaySeconds + budget.stopTimeoutSeconds + MARGIN_SECONDS;
}

/** Seconds by which the budget exceeds the notice; 0 or less where it fits. */
export function secondsOver(budget: TimeBudget): number {
  return secondsNeeded(budget) - INTERRUPTION_NOTICE_SECONDS;
}

/** What of the notice is left for the deregistration delay once the stop timeout is taken. */
export function longestDeregistrationDelay(stopTimeoutSeconds: number): number {
  return INTERRUPTION_NOTICE_SECONDS - DETECTION_SECONDS - MARGIN_SECONDS - stopTimeoutSeconds;
}
