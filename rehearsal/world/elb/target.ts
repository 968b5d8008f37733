import type { Timer } from "../clock";

export type TargetHealth = "initial" | "healthy" | "unhealthy" | "draining";

/** A registered target, from registration until it is unused. */
export interface Target {
  readonly instanceId: string;
  readonly port: number;
  health: TargetHealth;
  /** When in each interval its health is checked. */
  readonly checkPhaseMs: number;
  /** Deregistered, and until when the balancer's own parts may still send it requests. */
  deregisteredAt: number | undefined;
  routedUntil: number;
  timer: Timer | undefined;
  /** Checks failed in a row; or passed in a row while unhealthy. */
  inARow: number;
}

export const keyOf = (instanceId: string, port: number): string => `${instanceId}:${port}`;
