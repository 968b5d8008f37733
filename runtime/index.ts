/**
 * Protects the work of a container on Amazon ECS from scale-in and deployments, shuts a server down without losing a request,
 * and works off SQS queues without losing a job. See README.md for its use, the permissions that the task's role needs, and what it can't do.
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
export { embeddedMetrics, type EmbeddedMetrics, type EmbeddedMetricsOptions } from "./consumer/embeddedMetrics";
export { consumerSettings, type ConsumerSettings } from "./consumer/environment";
export type { ConsumerEvent } from "./consumer/events";
export type { Job, TakenJob } from "./consumer/job";
export { JobSource } from "./consumer/jobSource";
export type { Backoff, ConsumerQueue, JobSourceOptions, Polling } from "./consumer/options";
export type { PortFailure, ReceivedMessage, ReceiveRequest, SqsPort, VisibilityChange } from "./consumer/port";
export { runConsumer, type RunConsumerOptions } from "./consumer/runConsumer";
export { sdkSqs, type SqsClient } from "./consumer/sdkSqs";
export { SqsConsumer, type SqsConsumerOptions } from "./consumer/sqsConsumer";
