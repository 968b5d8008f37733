/** What became of the jobs, how long they waited, and what it took to do them. */
import { quantileSorted } from "simple-statistics";
import { groupBy } from "../inputs/groupBy";
import { REPEAT_CAUSES, stateOf, type Attempt, type JobRecord, type RepeatCause } from "../jobs/job";
import type { JobLedger } from "../jobs/ledger";
import type { Service } from "../world/ecs/service";
import type { World } from "../world/world";
import type { MeasuredResult } from "./result";
import { TaskTime } from "./taskTime";

type JobsResult = MeasuredResult["jobs"];

export class JobMeter {
  private readonly ran: TaskTime;
  private readonly repeatedBy = Object.fromEntries(REPEAT_CAUSES.map((cause) => [cause, 0])) as Record<
    RepeatCause,
    number
  >;

  /** Measures from now on; `workers`: the services that do the jobs. */
  constructor(
    private readonly world: World,
    private readonly ledger: JobLedger,
    workers: readonly Service[],
  ) {
    this.ran = new TaskTime(world, workers);
    ledger.repeated.subscribe(({ cause }) => this.repeatedBy[cause]++);
  }

  /** `usd`: what the instances cost meanwhile. */
  result(usd: number): JobsResult {
    const { jobs, givenBack } = this.ledger;
    const count = (state: ReturnType<typeof stateOf>): number => jobs.filter((job) => stateOf(job) === state).length;
    const completed = count("completed");
    const sum = (read: (job: JobRecord) => number): number => jobs.reduce((total, job) => total + read(job), 0);
    const now = this.world.clock.now;
    return {
      submitted: jobs.length,
      completed,
      lost: count("lost"),
      deadLettered: count("deadLettered"),
      open: count("open"),
      repeated: Object.values(this.repeatedBy).reduce((total, each) => total + each, 0),
      repeatedBy: this.repeatedBy,
      givenBack,
      queueSeconds: waits(jobs, now),
      workSeconds: sum((job) => workedMs(job, now)) / 1000,
      thrownAwaySeconds: sum((job) => workedMs(job, now) - usefulMs(job, now)) / 1000,
      taskSeconds: this.ran.ms / 1000,
      usdPerThousand: completed === 0 ? 0 : (usd / completed) * 1000,
    };
  }
}

const lengthOf = ({ beganAt, endedAt }: Attempt, now: number): number => (endedAt ?? now) - beganAt;

const workedMs = ({ attempts }: JobRecord, now: number): number =>
  attempts.reduce((total, attempt) => total + lengthOf(attempt, now), 0);

/** What one worker alone would have needed for what has been done of it, and for what is being done. */
function usefulMs({ doneAt, workMs, savedMs, attempts }: JobRecord, now: number): number {
  if (doneAt !== undefined) return workMs;
  const running = attempts
    .filter(({ end }) => end === undefined)
    .map((attempt) => lengthOf(attempt, now) + attempt.savedMs);
  return Math.max(savedMs, ...running);
}

/** From a job's arrival to its first beginning; one that hasn't begun has waited until now. */
function waits(jobs: readonly JobRecord[], now: number): JobsResult["queueSeconds"] {
  const byQueue = groupBy(jobs, ({ queue }) => queue);
  return Object.fromEntries(
    [...byQueue]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([queue, own]) => {
        const seconds = own.map(({ attempts, arrivedAt }) => ((attempts[0]?.beganAt ?? now) - arrivedAt) / 1000);
        seconds.sort((a, b) => a - b);
        const at = (share: number): number => quantileSorted(seconds, share);
        return [queue, { p50: at(0.5), p95: at(0.95), max: at(1) }];
      }),
  );
}
