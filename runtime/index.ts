/**
 * Protects the work of a container on Amazon ECS from scale-in and deployments, and shuts a server down without losing a
 * request. See README.md for its use, the permissions that the task's role needs, and what it can't do.
 */
export { agentProtection, type AgentProtectionOptions } from "./agentProtection";
export {
  gracefulShutdown,
  outlastBalancer,
  type GracefulShutdown,
  type GracefulShutdownOptions,
  type ShutdownEvent,
} from "./gracefulShutdown";
export type { CutRequest } from "./connections";
export {
  protectRequests,
  protectUpgrades,
  type Middleware,
  type ProtectRequestsOptions,
  type Work,
} from "./middleware";
export { ProtectionError, type ProtectionErrorKind } from "./protectionError";
export type { ProtectionTimes } from "./protectionOptions";
export { sdkProtection, type EcsProtectionClient, type SdkProtectionOptions } from "./sdkProtection";
export {
  WorkProtection,
  type Protection,
  type ProtectionEvent,
  type Purpose,
  type TaskProtection,
  type Timers,
  type WorkProtectionOptions,
} from "./workProtection";
