/** The questions about AWS that no readable source answers. Nothing may depend on one answer: a rehearsal can run each. */
import { z } from "zod";

export const flagsSchema = z.strictObject({
  /** Seconds until ECS registers a target again that someone else deregistered while its task should run; null: never. */
  ecsReRegistersSeconds: z.union([z.null(), z.literal(5), z.literal(30)]).default(5),
  /** Whether a task with scale-in protection stays on a DRAINING instance. */
  protectionBlocksDrain: z.boolean().default(false),
  /** Whether StopTask waits for deregistration before SIGTERM, as the scheduler's own stops do. */
  stopTaskDeregistersFirst: z.boolean().default(false),
  /** Whether tasks that are stopping count against maximumPercent. */
  maximumPercentCountsStopping: z.boolean().default(false),
  /** Whether a task with a single target group shows DEACTIVATING while its target drains, or stays RUNNING. */
  singleTargetGroupDeactivating: z.boolean().default(true),
  /** Whether a scale-in keeps the shares of a strategy of several capacity providers, or looks at placement strategies alone. */
  scaleInKeepsProviderRatio: z.boolean().default(false),
  /** Whether a notice is always preceded or accompanied by a rebalance recommendation. */
  rebalanceGuaranteed: z.boolean().default(false),
  /** Whether the allocation strategies that look at capacity take a pool last of which EC2 has recommended to replace an instance. */
  strategySeesRecommendations: z.boolean().default(false),
  /** Seconds until ECS notices that a container instance is dead. */
  deadHostDetectSeconds: z.union([z.literal(30), z.literal(300), z.literal(900)]).default(300),
  /** How many datapoints an alarm of N looks at, where N isn't three: two more, or five thirds of N. */
  alarmRange: z.literal(["twoMore", "fiveThirds"]).default("twoMore"),
  /** Whether target tracking scales in to what the metric is proportional to, or by one task at a time. */
  targetTrackingScaleIn: z.literal(["proportional", "oneTask"]).default("proportional"),
  /** Whether a standard queue gives its oldest message first, or mixes those of some seconds. */
  sqsOrder: z.literal(["oldestFirst", "mixed"]).default("oldestFirst"),
  /** Whether SQS tells of messages in flight, delayed or ageing where there are none: of a number of 0. Its guides contradict each other. */
  sqsReportsZero: z.boolean().default(true),
  /** Minutes until CloudWatch is told of a queue that was inactive; SQS developer guide: up to 15. */
  sqsWakesLateMinutes: z.union([z.literal(0), z.literal(15)]).default(0),
  /** Whether target tracking takes a service out of zero tasks. */
  targetTrackingFromZero: z.boolean().default(false),
  /** Whether a changed share of On-Demand Instances is for new launches only, or reached by replacing those that aren't protected. */
  changedDistribution: z.literal(["newLaunches", "replaces"]).default("newLaunches"),
});

export type Flags = z.infer<typeof flagsSchema>;

export const DEFAULT_FLAGS: Flags = flagsSchema.parse({});

/** Every other answer, one at a time: the set that `--flags all` runs beside the defaults. */
export const OTHER_ANSWERS: readonly Partial<Flags>[] = [
  { ecsReRegistersSeconds: null },
  { ecsReRegistersSeconds: 30 },
  { protectionBlocksDrain: true },
  { stopTaskDeregistersFirst: true },
  { maximumPercentCountsStopping: true },
  { singleTargetGroupDeactivating: false },
  { scaleInKeepsProviderRatio: true },
  { rebalanceGuaranteed: true },
  { strategySeesRecommendations: true },
  { deadHostDetectSeconds: 30 },
  { deadHostDetectSeconds: 900 },
  { alarmRange: "fiveThirds" },
  { targetTrackingScaleIn: "oneTask" },
  { sqsOrder: "mixed" },
  { sqsReportsZero: false },
  { sqsWakesLateMinutes: 15 },
  { targetTrackingFromZero: true },
  { changedDistribution: "replaces" },
];
