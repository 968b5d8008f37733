import type { Attempt, RepeatCause } from "../jobs/job";
import type { Law } from "./law";

/** What is nobody's doing but the consumer's: it let a visibility timeout lapse, or didn't delete what was done. */
const NO_CAUSE: ReadonlySet<RepeatCause> = new Set(["visibilityLapsed", "unexplained"]);

export const jobsRepeatedForCause: Law = {
  name: "no job is begun again unless its worker died, it was given back or failed, or a call or SQS itself let it down",
  watch: (_world, _promises, report, { repeated }) => {
    repeated.subscribe(({ attempt, cause }) => {
      if (NO_CAUSE.has(cause)) report(attempt.job.messageId, `was begun again: ${cause}, ${formerly(attempt)}`);
    });
  },
};

function formerly({ job }: Attempt): string {
  const before = job.attempts.at(-2);
  return before === undefined ? "never begun before" : `after ${before.end ?? "a beginning"} on ${before.worker}`;
}
