/** Sends jobs to queues as they arrive. */
import type { JobArrivals } from "../inputs/jobArrivals";
import { InputError } from "../inputs/inputError";
import type { Queue } from "../world/sqs/queue";
import type { World } from "../world/world";
import type { JobLedger } from "./ledger";

/** Which queues the jobs go to. */
export interface JobTargets {
  /** What of the jobs goes to which queue, by weight. @default the same to each */
  readonly shares?: Readonly<Record<string, number>>;
  /** Message groups that the jobs of a FIFO queue belong to. @default 10 */
  readonly groups?: number;
}

export interface PublisherOptions {
  readonly world: World;
  readonly ledger: JobLedger;
  /** By the consumers' names for them. */
  readonly queues: ReadonlyMap<string, Queue>;
  readonly jobs: JobArrivals;
  readonly targets: JobTargets | undefined;
  /** When the first may come. */
  readonly startMs: number;
}

/** A stream of their own for queue and group: one job's draws leave the others' as they were, whichever queues there are. */
export function publish({ world, ledger, queues, jobs, targets = {}, startMs }: PublisherOptions): void {
  const { shares, groups = 10 } = targets;
  const choose = chooser(queues, shares);
  const byQueue = world.context.random("jobs/queue");
  const byGroup = world.context.random("jobs/group");
  const send = (index: number): void => {
    const job = jobs.arrivals[index];
    if (job === undefined) return;
    world.clock.at(startMs + job.atMs, () => {
      const [name, queue] = choose(byQueue());
      const group = Math.floor(byGroup() * groups);
      const options = queue.spec.isFifo ? { groupId: `${group}`, deduplicationId: `${index}` } : {};
      const messageId = queue.send(JSON.stringify({ job: index }), options);
      ledger.submit({ messageId, queue: name, workMs: job.workMs });
      send(index + 1);
    });
  };
  send(0);
}

type Choose = (drawn: number) => readonly [name: string, queue: Queue];

function chooser(queues: ReadonlyMap<string, Queue>, shares: JobTargets["shares"]): Choose {
  const weights = Object.entries(shares ?? Object.fromEntries([...queues.keys()].map((name) => [name, 1])));
  checkNames(queues, weights);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const chosen = weights.filter(([, weight]) => weight > 0);
  return (drawn) => {
    let left = drawn * total;
    const [name] = chosen.find(([, weight]) => (left -= weight) < 0) ?? chosen.at(-1)!;
    return [name, queues.get(name)!];
  };
}

function checkNames(queues: ReadonlyMap<string, Queue>, weights: readonly (readonly [string, number])[]): void {
  const known = [...queues.keys()].join(", ");
  const problems = weights
    .filter(([name]) => !queues.has(name))
    .map(([name]) => ({
      where: `jobs.queues.${name}`,
      given: "a queue that no worker of the program takes jobs from",
      allowed: known === "" ? "nothing: no container has SPOTPROOF_QUEUES" : known,
      fix: "name the workers' queues",
    }));
  if (weights.every(([, weight]) => weight === 0)) {
    const allowed = known === "" ? "a program with workers, whose containers have SPOTPROOF_QUEUES" : known;
    problems.push({ where: "jobs.queues", given: "no queue for the jobs", allowed, fix: "give one of them a share" });
  }
  if (problems.length > 0) throw new InputError("Jobs", problems);
}
