import { z } from "zod";

/** What would be longer is cut to it. */
const mostSeconds = z.number().positive().optional();

const lengthsSchema = z.union([
  z.strictObject({ medianSeconds: z.number().positive(), sigma: z.number().nonnegative(), mostSeconds }),
  z.strictObject({ leastSeconds: z.number().positive(), alpha: z.number().positive(), mostSeconds }),
]);

/** The jobs of a scenario: recorded in a file, or generated. */
export const jobsSchema = z.strictObject({
  /** CSV of t_ms and generated_tokens, submit_s and run_s, or at_s and seconds; jobs are generated without one. */
  file: z.string().optional(),
  /** Where in the file it begins. */
  fromHours: z.number().nonnegative().default(0),
  /** How long a generated token takes; needed where the file counts tokens. */
  secondsPerToken: z.number().positive().optional(),
  /** How often each job comes, on average. */
  scale: z.number().positive().default(1),
  /** Every job's length times this. */
  lengthScale: z.number().positive().default(1),
  /** Mean of the generated ones. */
  perHour: z.number().positive().default(120),
  /** How far their day goes from its mean, from 0 (flat) to 1. */
  dailySwing: z.number().min(0).max(1).default(0.6),
  /** How long they take: log-normal, or Pareto's. */
  lengths: lengthsSchema.default({ medianSeconds: 30, sigma: 1.2 }),
  /** Which share goes to which of the workers' queues; the same to each by default. */
  queues: z.record(z.string(), z.number().nonnegative()).optional(),
  /** Message groups that the jobs of a FIFO queue belong to. */
  groups: z.int().positive().default(10),
});

export type JobsInput = z.infer<typeof jobsSchema>;
