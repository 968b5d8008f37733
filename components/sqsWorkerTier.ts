/**
 * Workers that take jobs from SQS queues in order of priority, on a SpotCluster, and lose none when an instance goes.
 *
 * @example
 * const mail = new SqsWorkerTier("mail", { cluster, image, cpu: 256, memoryReservationMiB: 256, queues: ["high", "low"], acceptableLatencySeconds: 60, msgProcessingSeconds: 2 });
 * const web = new BalancedService("web", { …, environment: mail.publisherEnvironment(), taskPolicy: mail.sendStatements(["high"]) });
 */
import * as pulumi from "@pulumi/pulumi";
import { withDefaults } from "./defaults";
import { nameProblems } from "./names";
import { didYouMean, throwProblems } from "./problems";
import type { Statement } from "./roles";
import { mainStopTimeoutSeconds } from "./service/serviceProblems";
import { SQS_WORKER_TIER_DEFAULTS, type SqsWorkerTierArgs } from "./sqsWorkerTierArgs";
import { fewestTasks } from "./scaling/scalingResolved";
import { sqsWorkerTierProblems } from "./sqsWorkerTierProblems";
import { makeServiceAlarms, type Alarms } from "./watch/alarms";
import { makeQueueAlarms, type WatchedQueue } from "./watch/queueAlarms";
import { areShort } from "./worker/shortJobs";
import { reachedQueue, sendJobsStatements } from "./worker/workerAccess";
import { FROM_ZERO_SECONDS, fromZeroNote, longJobNote } from "./worker/workerNotes";
import { resolvedQueues, shortestLatency } from "./worker/workerQueueResolved";
import { makeWorkerQueue, type WorkerQueue } from "./worker/workerQueues";
import { makeWorkerService, type PolledQueue, type WorkerService } from "./worker/workerService";
import { planServices, type PlannedService } from "./worker/workerServices";

/** @throws InputProblemsError that lists every problem of the args and of the time budget, before any resource is declared. */
export class SqsWorkerTier<Name extends string = string> extends pulumi.ComponentResource {
  /** By the names that the program calls them. */
  readonly queues: Readonly<Record<Name, WorkerQueue>>;
  /** By the tier's name, or, where each queue has one, by the queues'. */
  readonly services: Readonly<Record<string, WorkerService>>;
  /** Where the cluster has alarms. */
  readonly alarms?: Alarms;
  private readonly tierName: string;
  private readonly polled: readonly PolledQueue[];

  constructor(name: string, args: SqsWorkerTierArgs<Name>, opts?: pulumi.ComponentResourceOptions) {
    const { cluster } = args;
    throwProblems(`SqsWorkerTier ${name}`, [...nameProblems(name), ...sqsWorkerTierProblems(args, cluster, name)]);
    super("spotproof:components:SqsWorkerTier", name, {}, opts);
    const settings = resolve(name, args);
    this.tierName = name;
    this.polled = settings.queues.map((queue) => ({
      ...makeWorkerQueue(`${name}-${queue.name}`, queue, settings, this),
      args: queue,
    }));
    this.queues = byName(this.polled);
    const planned = planServices(name, this.polled, settings.services, settings.scaling);
    this.services = this.makeServices(planned, settings);
    this.alarms = this.makeAlarms(name, planned, settings);
    for (const { key, queues, scaling } of planned) {
      const { service, scaling: made } = this.services[key]!;
      cluster.dashboard?.add({ service, bounds: scaling, scaleIn: made.scaleIn, queues });
    }
    tellNotes(name, planned, settings, this);
    this.registerOutputs({ queueUrls: this.polled.map(({ url }) => url) });
  }

  /** @throws InputProblemsError where there is no such queue, as for a name that comes from configuration. */
  priority(name: Name): WorkerQueue {
    this.checkNames([name]);
    return this.queues[name];
  }

  /** The right to send to these queues, and to nothing else, for a publisher's `taskPolicy`. */
  sendStatements(names: readonly Name[] = this.names()): Statement[] {
    this.checkNames(names);
    const reached = names.map((name) => this.polled.find(({ args }) => args.name === name)!).map(reachedQueue);
    return sendJobsStatements(`To${words(this.tierName).map(capitalized).join("")}`, reached);
  }

  /** The URL of each queue, as `<TIER>_<QUEUE>_QUEUE_URL`, for a publisher's `environment`. */
  publisherEnvironment(): Record<string, pulumi.Input<string>> {
    const variable = (queue: string): string => [...words(this.tierName), ...words(queue), "QUEUE_URL"].join("_");
    return Object.fromEntries(this.polled.map(({ args, url }) => [variable(args.name).toUpperCase(), url]));
  }

  /** An image that is built here is built once. */
  private makeServices(planned: readonly PlannedService[], settings: Settings): Record<string, WorkerService> {
    const services: Record<string, WorkerService> = {};
    let { image } = settings;
    for (const plan of planned) {
      const made = makeWorkerService(plan, { ...settings, image }, this);
      services[plan.key] = made;
      image = made.task.built?.image.imageUri ?? image;
    }
    return services;
  }

  private makeAlarms(name: string, planned: readonly PlannedService[], settings: Settings): Alarms | undefined {
    const { cluster, mostFailedJobs, tags } = settings;
    const { alarmTopicArn: topicArn } = cluster;
    if (!settings.alarms || topicArn === undefined) return undefined;
    const common = { topicArn, tags, transform: settings.transform.alarm };
    const queues = planned.flatMap((plan) => plan.queues.map((queue) => watchedQueue(queue, fewestOf(plan), settings)));
    const ofServices = planned.map((plan) => {
      const { service, scaling } = this.services[plan.key]!;
      const watched = { cluster: cluster.cluster, service, fewestTasks: fewestOf(plan), scaleIn: scaling.scaleIn };
      const made = makeServiceAlarms(plan.name, { ...common, ...watched }, this);
      const path = plan.name === name ? "" : `${plan.key}-`;
      return Object.entries(made).map(([part, alarm]) => [`${path}${part}`, alarm]);
    });
    const ofQueues = makeQueueAlarms(name, { ...common, queues, mostFailedJobs }, this);
    return { ...ofQueues, ...Object.fromEntries(ofServices.flat()) } as Alarms;
  }

  private names(): Name[] {
    return this.polled.map(({ args }) => args.name as Name);
  }

  private checkNames(given: readonly string[]): void {
    const names: readonly string[] = this.names();
    const problems = given
      .filter((each) => !names.includes(each))
      .map((each) => {
        const change = didYouMean(each, names) ?? "give one of these, or add it to queues";
        return { property: "queue", given: each, allowed: names.join(", "), change };
      });
    throwProblems(`SqsWorkerTier ${this.tierName}`, problems);
  }
}

function byName<Name extends string>(polled: readonly PolledQueue[]): Readonly<Record<Name, WorkerQueue>> {
  const entries = polled.map(({ args, ...queue }) => [args.name, queue]);
  return Object.fromEntries(entries) as Record<Name, WorkerQueue>;
}

const fewestOf = ({ scaling: { minCount, maxCount, schedules } }: PlannedService): number =>
  fewestTasks({ minCount, maxCount, schedules });

/** With no task, the first message has to wait for one, whatever is acceptable. */
function watchedQueue(
  { args, name, deadLetterQueueName }: PolledQueue,
  fewest: number,
  { longestJobSeconds, msgProcessingSeconds = 0 }: Settings,
): WatchedQueue {
  const { name: key, acceptableLatencySeconds } = args;
  const waiting = fewest > 0 ? acceptableLatencySeconds : Math.max(acceptableLatencySeconds, FROM_ZERO_SECONDS);
  const oldestSeconds = Math.ceil(waiting + (longestJobSeconds ?? msgProcessingSeconds));
  return { key, name, deadLetterQueueName, oldestSeconds };
}

const words = (name: string): string[] => name.split("-");
const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

type Settings = ReturnType<typeof resolve>;

function resolve(name: string, args: SqsWorkerTierArgs) {
  const stopTimeoutSeconds = mainStopTimeoutSeconds(name, args, args.cluster);
  return {
    ...withDefaults(args, SQS_WORKER_TIER_DEFAULTS),
    queues: resolvedQueues(args),
    stopTimeoutSeconds,
    protectsWork: args.protectsWork ?? !areShort(args.longestJobSeconds, { ...args, stopTimeoutSeconds }),
    tags: args.tags ?? {},
    transform: args.transform ?? {},
  };
}

function tellNotes(name: string, planned: readonly PlannedService[], settings: Settings, tier: pulumi.Resource): void {
  const acceptableLatencySeconds = shortestLatency(settings.queues);
  const minCount = Math.min(...planned.map(({ scaling }) => scaling.minCount));
  const noted = { ...settings, acceptableLatencySeconds, minCount };
  const longJob = longJobNote(noted);
  const fromZero = fromZeroNote(noted);
  if (longJob !== undefined) void pulumi.log.warn(`SqsWorkerTier ${name}: ${longJob}`, tier);
  if (fromZero !== undefined) void pulumi.log.info(`SqsWorkerTier ${name}: ${fromZero}`, tier);
}
