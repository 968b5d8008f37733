import { z } from "zod";

/** How the user's workers behave, whose services name their queues in SPOTPROOF_QUEUES. */
export const jobsProfileSchema = z.strictObject({
  /** The runtime's consumer, which protects its work; or a plain loop that takes one message at a time. */
  consumer: z.enum(["spotproof", "plain"]).default("spotproof"),
  /** Whether a plain consumer extends the visibility timeout of what it works on. */
  heartbeat: z.boolean().default(false),
  /** On SIGTERM: finish or give back what is in hand, then exit; exit at once; or take no notice until SIGKILL. */
  onSigterm: z.enum(["finish", "exit", "ignore"]).default("finish"),
  /** Whether a job that is taken away keeps what of it was done, for whoever goes on. */
  checkpoints: z.boolean().default(false),
  /** Whether the handler says how long a job takes, so that one without hope is given back at once. */
  tellsLength: z.boolean().default(false),
  /** Of all attempts, those whose handler throws. */
  failShare: z.number().min(0).max(1).default(0),
  /** How much of its reserved CPU a task uses that works on as many jobs as it may. */
  cpuPercent: z.number().nonnegative().default(80),
});

export type JobsProfile = z.infer<typeof jobsProfileSchema>;

/** What each field may be, and an example, for messages. */
export const JOBS_FIELDS: Readonly<Record<string, { readonly allowed: string; readonly example: string }>> = {
  jobs: { allowed: Object.keys(jobsProfileSchema.shape).join(", "), example: "jobs: {checkpoints: true}" },
  "jobs.consumer": { allowed: "spotproof or plain", example: "consumer: spotproof" },
  "jobs.heartbeat": { allowed: "true or false", example: "heartbeat: false" },
  "jobs.onSigterm": { allowed: "finish, exit or ignore", example: "onSigterm: finish" },
  "jobs.checkpoints": { allowed: "true or false", example: "checkpoints: true" },
  "jobs.tellsLength": { allowed: "true or false", example: "tellsLength: true" },
  "jobs.failShare": { allowed: "a number from 0 to 1", example: "failShare: 0.01" },
  "jobs.cpuPercent": { allowed: "a number of 0 or more", example: "cpuPercent: 80" },
};
