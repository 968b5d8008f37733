/**
 * All that AWS offers by itself, as its guides say: the agent drains on a notice, managed draining and capacity rebalancing
 * are on, minimum healthy percent is under 100, and the times are our own, so that the functions are the only difference.
 */
import { DEFAULT_TIME_BUDGET } from "../../functions/timeBudget";
import { plainStack } from "./plainStack";

plainStack({
  agentSpotInstanceDraining: true,
  managedDraining: true,
  capacityRebalance: true,
  ...DEFAULT_TIME_BUDGET,
  minimumHealthyPercent: 50,
  healthCheck: { interval: 10, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 2 },
});
