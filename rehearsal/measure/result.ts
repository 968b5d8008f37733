/** What a rehearsal answers: the contract of `--json`. */
import { z } from "zod";
import { REPEAT_CAUSES } from "../jobs/job";
import { FAILURE_CAUSES } from "../traffic/tally";

const count = z.int().min(0);
const amount = z.number().min(0);

export const brokenLawSchema = z.strictObject({
  law: z.string().describe("name of the law"),
  atSeconds: z.number().describe("simulated seconds since the start"),
  object: z.string().describe("the instance, task or service that it is about"),
  message: z.string(),
});

const countOfEach = <Cause extends string>(causes: readonly Cause[]): Record<Cause, typeof count> =>
  Object.fromEntries(causes.map((cause) => [cause, count])) as Record<Cause, typeof count>;

/** What became of the jobs that were sent to queues; all 0 where none were. */
const jobsSchema = z.strictObject({
  submitted: count,
  completed: count.describe("jobs that some worker has done"),
  lost: count.describe("jobs whose message is gone, and that nobody has done"),
  deadLettered: count.describe("jobs that went to a dead-letter queue undone"),
  open: count.describe("jobs that wait or are worked on at the end"),
  repeated: count.describe("times that a job was begun again"),
  repeatedBy: z.strictObject(countOfEach(REPEAT_CAUSES)),
  givenBack: count.describe("times that a consumer gave a message back to its queue"),
  queueSeconds: z
    .record(z.string(), z.strictObject({ p50: amount, p95: amount, max: amount }))
    .describe("by queue: from a job's arrival to its first beginning, or to the end where nobody began it"),
  workSeconds: amount.describe("seconds that workers worked on jobs"),
  thrownAwaySeconds: amount.describe("of them, those whose work came to nothing"),
  taskSeconds: amount.describe("seconds that the workers' tasks ran, idle ones included"),
  usdPerThousand: amount.describe("cost.usd for a thousand completed jobs; 0 where none was completed"),
});

/** What a run through market and load measures. */
const measuredSchema = z.strictObject({
  requests: z.strictObject({
    served: count,
    retried: count.describe("of the served ones, those that failed at first and were sent again by their client"),
    failed: count,
    failedBy: z.strictObject(countOfEach(FAILURE_CAUSES)),
  }),
  jobs: jobsSchema,
  interruptions: z.strictObject({
    notices: count.describe("Spot interruptions that were announced"),
    withoutNotice: count.describe("Spot interruptions that were not"),
    recommendations: count.describe("rebalance recommendations, false alarms included"),
    instancesLost: count.describe("instances that Spot interruptions ended"),
  }),
  capacityMinutesLost: z.strictObject({
    total: amount.describe("minutes in which fewer tasks served than desired although a pool could launch"),
    meanPerInterruption: amount,
    p95: amount.describe("95th percentile over the interruptions"),
  }),
  surplusInstanceMinutes: z
    .strictObject({
      total: amount.describe("minutes of instances, not about to be taken back, beyond as many as at the beginning"),
      meanPerInterruption: amount,
    })
    .nullable()
    .describe("null where a service scales"),
  cost: z.strictObject({
    usd: amount.describe("EC2 instances, by the second from launch"),
    onDemandUsd: amount.describe("the same instances at their on-demand price"),
    ratio: amount,
    clairvoyantUsd: amount.describe(
      "the cheapest instances that would have held what was promised or needed, as far as the variant held it",
    ),
    ofClairvoyant: amount.describe("usd over clairvoyantUsd; 0 where nothing was held"),
    overClairvoyantUsd: z
      .strictObject({
        tasks: amount.describe("for tasks beyond those"),
        headroom: amount.describe("for room on instances that took tasks"),
        comingAndGoing: amount.describe("for instances that booted or left"),
        pools: amount.describe("for dearer pools than the cheapest, and On-Demand Instances where there was Spot"),
      })
      .describe("what the difference between the two went on"),
  }),
  tasks: z.strictObject({
    started: count,
    stopped: count.describe("tasks that ended in any way"),
    killed: count.describe("of them by SIGKILL or with their host"),
  }),
  scaling: z.strictObject({
    taskHours: amount.describe("hours that tasks ran, all services together"),
    desiredMin: count.describe("the least that all services together wanted"),
    desiredMax: count.describe("the most"),
    scaleOuts: count.describe("times that a desired count rose"),
    scaleIns: count.describe("times that one fell"),
  }),
  evenness: z.strictObject({
    times: count.describe(
      "times that instances came to be more than 35 % apart, of the fullest, and moves that leave zones as even could mend it",
    ),
    withinTwentyMinutes: count.describe("of them, those that ended within 20 minutes"),
    minutes: z
      .strictObject({ total: amount, mean: amount, p95: amount, max: amount })
      .describe("how long they lasted; one that lasts at the end, until then"),
    moves: count.describe("tasks that the rebalance function stopped because others ran in their place"),
    leastMoves: count.describe(
      "the fewest that would have mended it, or as many as were to move, at the beginning of each round",
    ),
  }),
  deployments: z.strictObject({
    completed: count.describe("deployments that came to their end, those rolled back to included"),
    rolledBack: count.describe("deployments that the circuit breaker rolled back"),
  }),
  lambda: z.strictObject({ invocations: count, errors: count, billedMs: count }),
  lawsBroken: z.array(brokenLawSchema),
  notModelled: z.array(z.string()).describe("declared resource types that the world doesn't model, with their number"),
});

export const variantResultSchema = measuredSchema.extend({
  policies: z.strictObject({
    checked: count.describe("rules of the policy pack that judged what the variant declares"),
    violations: z.array(
      z.strictObject({
        rule: z.string(),
        urn: z.string().describe("the resource that it is about"),
        message: z.string(),
      }),
    ),
  }),
});

export const resultSchema = z.strictObject({
  schema: z.literal("spotproof/rehearsal/1"),
  seed: z.int(),
  simulatedSeconds: amount,
  wallSeconds: amount.describe("real seconds; the only figure that differs between two runs of one seed"),
  variants: z.record(z.string(), variantResultSchema),
});

export type BrokenLaw = z.infer<typeof brokenLawSchema>;
export type MeasuredResult = z.infer<typeof measuredSchema>;
export type VariantResult = z.infer<typeof variantResultSchema>;
export type RehearsalResult = z.infer<typeof resultSchema>;
