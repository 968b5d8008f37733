/** How long things take and how often they go wrong in AWS, each with what it rests on. Times in milliseconds. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Where a rehearsal begins. Any instant will do; a fixed one keeps logs the same. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

export const SPOT = {
  /** EC2 user guide, spot-instance-termination-notices: two minutes. */
  noticeMs: 120 * SECOND,
  /** EC2 user guide: notices are best effort. The rate is assumed. */
  withoutNotice: 0.01,
  /** aws-node-termination-handler#141: 6 of 15 interruptions had no recommendation. */
  withoutRecommendation: 0.4,
  /** aws-node-termination-handler#141: recommendations led by 17 minutes to 8 h 42 min. */
  recommendationLeadMs: { min: 17 * MINUTE, max: 522 * MINUTE },
  /** How long a pool counts as at elevated risk after a recommendation; assumed: as long as one was measured to lead. */
  elevatedRiskMs: 522 * MINUTE,
} as const;

export const EC2 = {
  /** brevdev/ec2-coldboot-research: pending to running 16.4–16.6 s for any type. */
  pendingToRunningMs: 17 * SECOND,
  /** Boot until the ECS agent has registered; assumed, see "ECS on EC2, group from 0: first containers ~2.5 min". */
  bootToAgentMs: { min: 60 * SECOND, max: 120 * SECOND },
  /** A terminating instance shuts down its system first; assumed. */
  shutdownMs: 10 * SECOND,
  /** EC2 user guide, terminating-instances: a terminated instance stays visible for a while, usually an hour. */
  terminatedVisibleMs: 3600 * SECOND,
} as const;

export const AUTO_SCALING = {
  /** How often a group looks at its instances' health; assumed. "Not running" counts as unhealthy at once. */
  healthCheckPeriodMs: 60 * SECOND,
  /** From a decision to the call to EC2; assumed. */
  reactionMs: 2 * SECOND,
  /** Between two launches that failed for want of capacity; assumed. */
  launchRetryMs: 60 * SECOND,
  /** BOTO PutLifecycleHook: heartbeat default 3,600 s. */
  hookHeartbeatMs: 3600 * SECOND,
  /** BOTO PutLifecycleHook: an instance waits at most 48 hours or 100 times the heartbeat, whichever is less. */
  hookLimit: { ms: 48 * 3600 * SECOND, heartbeats: 100 },
  /** From an imbalance between zones to the group's attempt to mend it; assumed. */
  zoneBalanceMs: 60 * SECOND,
  /** How often an instance refresh looks at how far it is; assumed. */
  refreshStepMs: 15 * SECOND,
  /** BOTO RefreshPreferences: a refresh waits as long at a checkpoint, unless it says how long. */
  checkpointDelayMs: 3600 * SECOND,
  /** Auto Scaling user guide, auto-scaling-benefits: rebalancing zones may exceed the maximum by 10 %, at least by one instance. */
  zoneBalanceMargin: { share: 0.1, instances: 1 },
} as const;

export const ECS = {
  /** amazon-ecs-agent agent/app/agent.go: polls instance metadata for an interruption every second. */
  agentSpotPollMs: 1 * SECOND,
  /** amazon-ecs-agent task-protection handlers: the agent's request to ECS times out after 4 s. */
  agentTimeoutMs: 4 * SECOND,
  /** From a state change to the scheduler's decision; assumed. */
  schedulerMs: 1 * SECOND,
  /**
   * From placement to a started container, the image being there; assumed. The registry is asked for a newer image in this time,
   * as the agent does with ECS_IMAGE_PULL_BEHAVIOR `default` and `always`; it doesn't matter here which one it is.
   */
  startMs: 2 * SECOND,
  /**
   * An instance's first pull of an image, which the AMI doesn't bring; assumed: some 300 MB of layers at 40 MB/s, and as long
   * again to unpack them.
   */
  imagePullMs: 20 * SECOND,
  /** From a container's start to the end of a task that fails to start; assumed. */
  failedStartMs: 3 * SECOND,
  /** ECS developer guide, service-throttle-logic: waits grow between starts that fail, up to 15 minutes; the first is assumed. */
  startBackoff: { firstMs: 10 * SECOND, longestMs: 15 * MINUTE },
  /** From a steady state with uneven zones to the start of a task in another zone; assumed. */
  zoneRebalanceMs: 60 * SECOND,
  /** From RUNNING to the target's registration; assumed. */
  registerMs: 1 * SECOND,
  /** ECS developer guide: a task without load balancer or health check counts as healthy 40 s after RUNNING. */
  healthyWithoutCheckMs: 40 * SECOND,
  /** amazon-ecs-agent agent/config: ECS_CONTAINER_STOP_TIMEOUT default 30 s, minimum 1 s. */
  stopTimeoutMs: 30 * SECOND,
  /** What a task uses of the CPU and the memory it reserves, where nobody tells; assumed. */
  idleCpuPercent: 1,
  usedMemoryPercent: 40,
  /** Share of an instance's memory that the agent registers; assumed from observed values of m5 and t3 instances. */
  registeredMemory: 0.94,
  /** BOTO ListTasks: stopped tasks are visible for at least an hour. */
  stoppedVisibleMs: 3600 * SECOND,
  /** ECS developer guide, managed instance draining: waits at most 48 h. */
  managedDrainingMs: 48 * 3600 * SECOND,
} as const;

export const MANAGED_SCALING = {
  /** ECS developer guide: the metric is published every minute. */
  periodMs: MINUTE,
  /** ECS developer guide: 15 datapoints below the target before scaling in. */
  scaleInDatapoints: 15,
  /** ECS developer guide: at most 50 % of the excess a minute. */
  scaleInShare: 0.5,
  /** BOTO ManagedScaling: targetCapacity 100 %, step sizes 1 and 10,000, instanceWarmupPeriod 300 s, unless given. */
  defaults: { targetCapacity: 100, minimumStep: 1, maximumStep: 10_000, warmupMs: 300 * SECOND },
  /** ECS developer guide: the metric where tasks wait and there is no instance, and where there is neither. */
  reservationWithoutInstances: { waiting: 200, idle: 100 },
} as const;

export const ELB = {
  /** Deregistration's propagation inside the balancer; assumed uniform in 0–5 s. */
  propagationMs: { min: 0, max: 5 * SECOND },
  /** ELB user guide, application-load-balancers: an idle connection is kept for 60 s, unless set. */
  idleTimeoutMs: 60 * SECOND,
  /** Of all requests, those that reach a connection just as its server closes it, where servers keep them for less; assumed. */
  closedAsUsed: 1e-5,
} as const;

export const CLOUD_WATCH = {
  /** From a minute's end until the metrics that AWS's services tell of it can be read; assumed: they come up to two minutes late. */
  publicationMs: { min: 30 * SECOND, max: 120 * SECOND },
  /** The same for metrics that a program puts itself; assumed. */
  ownPublicationMs: { min: 1 * SECOND, max: 15 * SECOND },
  /** How far back metrics can be read here. CloudWatch keeps those of a minute for 15 days. */
  readableMs: 3 * 3600 * SECOND,
} as const;

export const APPLICATION_AUTO_SCALING = {
  /** BOTO StepScalingPolicyConfiguration, TargetTrackingScalingPolicyConfiguration: 300 s for ECS services, unless given. */
  cooldownMs: 300 * SECOND,
  /** BOTO PutScalingPolicy: at most 20 step adjustments. */
  mostSteps: 20,
  /** Third parties' observations of the alarms that target tracking makes: three minutes above, fifteen minutes below 90 % of the target. */
  tracking: { highPeriods: 3, lowPeriods: 15, lowShare: 0.9 },
  /** Application Auto Scaling user guide: a scheduled action starts within seconds of its time. The bounds are assumed. */
  scheduleLateMs: { min: 0, max: 5 * SECOND },
} as const;

export const EVENTS = {
  /** Amazon Key's report, second-hand: EventBridge end to end p90 80 ms; p50 assumed 40 ms. */
  delayMs: { median: 40, p90: 80 },
  /** A scheduled rule fires up to some seconds late; one author saw +8 s. */
  scheduleLateMs: { min: 0, max: 8 * SECOND },
} as const;

export const LAMBDA = {
  /** AWS statement, second-hand: under 1 % of invocations start cold; ~375 ms to initialise with SDK v3 (speedrun.nobackspacecrew.com). */
  coldStartMs: 400,
  /** An execution environment is kept for some minutes; assumed. */
  keepWarmMs: 10 * MINUTE,
  /** Lambda developer guide, gettingstarted-limits: concurrent executions of an account, unless raised. */
  accountConcurrency: 1000,
  /** SQS event source: long polling finds a message almost at once; assumed. */
  pollMs: 20,
  /** Lambda developer guide, invocation-async: a function error is tried again after one minute, then after two. */
  asyncRetryMs: [MINUTE, 2 * MINUTE],
  /** Lambda developer guide, invocation-async: what is throttled is tried again for up to six hours, from 1 s to 5 min apart. */
  asyncThrottle: { firstMs: 1 * SECOND, longestMs: 5 * MINUTE, forMs: 6 * 3600 * SECOND },
  /** CPU between two API calls of a handler; assumed. */
  thinkMs: 2,
} as const;

export const SQS = {
  /** BOTO ChangeMessageVisibility: at most 12 h from the receive. */
  longestInvisibleMs: 12 * 3600 * SECOND,
  /** BOTO ReceiveMessage: messages in flight in a queue, standard or FIFO. */
  inFlight: 120_000,
  /** SQS developer guide, using-messagededuplicationid-property: five minutes. */
  deduplicationMs: 5 * MINUTE,
  /** SQS developer guide, sqs-available-cloudwatch-metrics: received so often, a message goes to the back of a standard queue. */
  poisonReceives: 3,
  /** How far apart two messages may be that a standard queue gives in the other order; assumed, ordering is best effort. */
  disorderMs: 10 * SECOND,
  /** SQS developer guide, sqs-monitoring-using-cloudwatch: a queue without messages is told of for six hours after the last call. */
  activeMs: 6 * 3600 * SECOND,
  /** One way of a container's call; assumed. */
  latencyMs: { min: 2, max: 15 },
} as const;

export const API = {
  /** Round trip of a control-plane call; assumed. */
  latencyMs: { min: 20, max: 120 },
  /** Describe and List answers lag behind; the rate of lag is assumed, eventual consistency is documented. */
  staleMs: { min: 0, max: 2 * SECOND },
} as const;
