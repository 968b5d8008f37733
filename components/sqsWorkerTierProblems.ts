/** What can be wrong with an SqsWorkerTier's args, alone and on its cluster. */
import { choiceProblems, didYouMean, rangeProblems, type Problem } from "./problems";
import { LONGEST_RETENTION_SECONDS } from "./queueParts";
import { workerScalingProblems } from "./scaling/workerScaling";
import { budgetProblems, mainStopTimeoutSeconds, serviceProblems, type ClusterFacts } from "./service/serviceProblems";
import { SQS_WORKER_TIER_DEFAULTS as DEFAULTS, type SqsWorkerTierArgs } from "./sqsWorkerTierArgs";
import { taskProblems } from "./task/taskProblems";
import { areShort, longestAfterSigterm, type JobsEnd } from "./worker/shortJobs";
import { POLLING, WORKER_VARIABLES } from "./worker/workerEnvironment";
import { queuesProblems } from "./worker/workerQueueProblems";
import { LONGEST_VISIBILITY_SECONDS, resolvedQueues, shortestLatency } from "./worker/workerQueueResolved";
import { WORKER_SERVICES } from "./worker/workerServices";

const MOST_CONCURRENCY = 1000;
const MOST_FAILED_JOBS = 1_000_000;

export type CheckedTier = Omit<SqsWorkerTierArgs, "cluster">;

/** Everything that is wrong; empty where nothing is. The main container has the service's name. */
export function sqsWorkerTierProblems(args: CheckedTier, cluster: ClusterFacts, name = "worker"): Problem[] {
  const { fifo = DEFAULTS.fifo, services = DEFAULTS.services } = args;
  return [
    ...queuesProblems(name, { ...args, fifo, inOrder: services === "one" }),
    ...pollingProblems(args),
    ...rangeProblems("concurrency", args.concurrency, 1, MOST_CONCURRENCY),
    ...rangeProblems("acceptableLatencySeconds", args.acceptableLatencySeconds, 1, LONGEST_RETENTION_SECONDS),
    ...rangeProblems("mostFailedJobs", args.mostFailedJobs, 0, MOST_FAILED_JOBS),
    ...longestJobProblems(args),
    ...averageJobProblems(args),
    ...heartbeatProblems(args),
    ...protectionProblems(args, { ...args, stopTimeoutSeconds: mainStopTimeoutSeconds(name, args, cluster) }),
    ...budgetProblems(name, args, cluster, 0, args.capacity),
    ...taskProblems(name, args, cluster),
    ...consumerProblems(args),
    ...mainContainerProblems(name, args),
    ...serviceProblems(args, cluster),
    ...workerScalingProblems(args.scaling, scalingFacts(args)),
  ];
}

function scalingFacts(args: CheckedTier) {
  const { concurrency = DEFAULTS.concurrency, msgProcessingSeconds, services = DEFAULTS.services } = args;
  return {
    acceptableLatencySeconds: shortestLatency(resolvedQueues(args)),
    msgProcessingSeconds,
    // What is wrong with it is said once.
    concurrency: Math.max(1, concurrency),
    queueCount: services === "one" ? args.queues.length : 1,
  };
}

function pollingProblems({ polling, services }: CheckedTier): Problem[] {
  const problems = [
    ...choiceProblems("services", services, WORKER_SERVICES),
    ...choiceProblems("polling", polling, POLLING),
  ];
  if (problems.length > 0 || services !== "perQueue" || polling === undefined) return problems;
  const allowed = 'only with services: "one"; a service of its own asks one queue';
  return [{ property: "polling", given: polling, allowed, change: "remove it, and give the queues weights" }];
}

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
function longestJobProblems({ longestJobSeconds }: CheckedTier): Problem[] {
  return rangeProblems("longestJobSeconds", longestJobSeconds, 1, LONGEST_VISIBILITY_SECONDS).map((problem) => ({
    ...problem,
    allowed: `${problem.allowed}: SQS hides a message for 12 hours at most`,
    change: `${problem.change}, and let jobs save what they have at a checkpoint`,
  }));
}

/** That it is given, where scaling goes by it, is scaling's affair. */
function averageJobProblems({
  msgProcessingSeconds,
  longestJobSeconds = LONGEST_VISIBILITY_SECONDS,
}: CheckedTier): Problem[] {
  if (msgProcessingSeconds === undefined || msgProcessingSeconds <= longestJobSeconds) return [];
  const property = "msgProcessingSeconds";
  const allowed = `at most the longest that a job takes, which is ${longestJobSeconds}`;
  return [{ property, given: msgProcessingSeconds, allowed, change: "lower it, or raise longestJobSeconds" }];
}

function heartbeatProblems({ heartbeat = true, longestJobSeconds, queues }: CheckedTier): Problem[] {
  const isSaid = queues.every((queue) => typeof queue === "object" && queue.visibilityTimeoutSeconds !== undefined);
  if (heartbeat || longestJobSeconds !== undefined || isSaid) return [];
  const allowed =
    "true, or longestJobSeconds: without a heartbeat, a message has to stay hidden for as long as its job takes";
  return [{ property: "heartbeat", given: false, allowed, change: "give longestJobSeconds" }];
}

/** A job that a scale-in cuts short would begin again. */
function protectionProblems({ protectsWork, longestJobSeconds }: CheckedTier, end: JobsEnd): Problem[] {
  if (protectsWork !== false || areShort(longestJobSeconds, end)) return [];
  const most = longestAfterSigterm(end);
  const said = longestJobSeconds === undefined ? "is not given" : `is ${longestJobSeconds}`;
  const allowed = `true where longestJobSeconds ${said}: a task that is stopped has ${Math.max(0, most)} s for its jobs`;
  const change = most < 1 ? "remove it" : `remove it, or give longestJobSeconds of at most ${most} if that is true`;
  return [{ property: "protectsWork", given: false, allowed, change }];
}

/** What only the tier may tell the container that takes the jobs. */
function consumerProblems({ consumerContainer, sidecars = {}, ...main }: CheckedTier): Problem[] {
  const names = Object.keys(sidecars);
  if (consumerContainer !== undefined && !names.includes(consumerContainer)) {
    const allowed = names.length > 0 ? names.join(", ") : "a name of sidecars, of which there are none";
    const change = didYouMean(consumerContainer, names) ?? "name a sidecar, or remove it";
    return [{ property: "consumerContainer", given: consumerContainer, allowed, change }];
  }
  const { environment = {}, secrets = {} } = consumerContainer === undefined ? main : sidecars[consumerContainer]!;
  const path = consumerContainer === undefined ? "" : `sidecars.${consumerContainer}.`;
  const told: readonly string[] = Object.values(WORKER_VARIABLES);
  return Object.entries({ environment, secrets }).flatMap(([where, variables]) =>
    Object.keys(variables)
      .filter((variable) => told.includes(variable))
      .map((given) => {
        const property = `${path}${where}.${given}`;
        return { property, given, allowed: "other names: the tier sets this one", change: "remove it" };
      }),
  );
}

/** In each service of its own it has another name. */
function mainContainerProblems(name: string, { services, sidecars = {} }: CheckedTier): Problem[] {
  if (services !== "perQueue") return [];
  const waiting = Object.entries(sidecars).filter(
    ([, { dependsOn = {}, links = [] }]) => Object.hasOwn(dependsOn, name) || links.includes(name),
  );
  return waiting.map(([sidecar]) => ({
    property: `sidecars.${sidecar}`,
    given: name,
    allowed: 'containers of one name in all services: with services: "perQueue" the main one\'s differs',
    change: 'let the main container wait for the sidecar, or give services: "one"',
  }));
}
