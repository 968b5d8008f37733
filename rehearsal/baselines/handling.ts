/** How a baseline meets interruptions. */
import type * as aws from "@pulumi/aws";
import { DEFAULT_TIME_BUDGET } from "../../functions/timeBudget";

export interface Handling {
  readonly agentSpotInstanceDraining: boolean;
  readonly managedDraining: boolean;
  readonly capacityRebalance: boolean;
  /** Whether instances with tasks are kept from scale-in. @default where the group doesn't rebalance its capacity */
  readonly terminationProtection?: boolean;
  /** Undefined: AWS's default. */
  readonly stopTimeoutSeconds: number | undefined;
  readonly deregistrationDelaySeconds: number | undefined;
  readonly minimumHealthyPercent: number | undefined;
  readonly healthCheck: aws.types.input.lb.TargetGroupHealthCheck | undefined;
  /** What user data does besides the agent's settings, line by line. @default nothing */
  readonly script?: readonly string[];
}

/** No draining, and AWS's defaults for every time. */
export const UNHANDLED: Handling = {
  agentSpotInstanceDraining: false,
  managedDraining: false,
  capacityRebalance: false,
  stopTimeoutSeconds: undefined,
  deregistrationDelaySeconds: undefined,
  minimumHealthyPercent: undefined,
  healthCheck: undefined,
};

/**
 * All that AWS offers by itself, as its guides say: the agent drains on a notice, managed draining and capacity rebalancing are on,
 * minimum healthy percent is under 100, and the times are our own, so that the functions are the only difference.
 */
export const AWS_NATIVE: Handling = {
  agentSpotInstanceDraining: true,
  managedDraining: true,
  capacityRebalance: true,
  ...DEFAULT_TIME_BUDGET,
  minimumHealthyPercent: 50,
  healthCheck: { interval: 10, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 2 },
};
