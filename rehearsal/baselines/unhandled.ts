/** Nobody handles an interruption: no draining, and AWS's defaults for every time. */
import { plainStack } from "./plainStack";

plainStack({
  agentSpotInstanceDraining: false,
  managedDraining: false,
  capacityRebalance: false,
  stopTimeoutSeconds: undefined,
  deregistrationDelaySeconds: undefined,
  minimumHealthyPercent: undefined,
  healthCheck: undefined,
});
