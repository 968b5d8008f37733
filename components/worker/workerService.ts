/** A service whose tasks take jobs from queues. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { messagesPace } from "../scaling/scaleInMessages";
import type { Scaling } from "../scaling/scaling";
import type { ScalingTransforms } from "../scaling/scalingArgs";
import { makeWorkerScaling } from "../scaling/workerScaling";
import { withMovesTag } from "../service/serviceMoves";
import { serviceInputs, type ServiceSettings } from "../service/service";
import type { ServiceTransforms } from "../service/serviceArgs";
import { makeTask, type Task, type TaskSettings } from "../task/task";
import type { TaskTransforms } from "../task/taskArgs";
import { transformed } from "../transform";
import { consumerStopTimeout } from "./shortJobs";
import { reachedQueue, takeJobsStatements } from "./workerAccess";
import { workerEnvironment, type ToldSettings } from "./workerEnvironment";
import { shortestLatency, type ResolvedQueue } from "./workerQueueResolved";
import type { WorkerQueue } from "./workerQueues";
import type { PlannedService } from "./workerServices";

/** What was given, and what was made of it. */
export interface PolledQueue extends WorkerQueue {
  readonly args: ResolvedQueue;
}

export interface WorkerService {
  readonly task: Task;
  readonly service: aws.ecs.Service;
  readonly scaling: Scaling;
}

export type WorkerServiceSettings = ServiceSettings &
  Omit<TaskSettings, "cluster" | "architecture" | "transform" | "tags"> &
  ToldSettings & {
    /** The sidecar that takes the jobs. @default the main container does */
    readonly consumerContainer?: string;
    readonly msgProcessingSeconds?: number;
    readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
    readonly transform: TaskTransforms & ServiceTransforms & ScalingTransforms;
  };

export function makeWorkerService(
  { name, queues, scaling }: PlannedService,
  settings: WorkerServiceSettings,
  parent: pulumi.Resource,
): WorkerService {
  const { cluster, transform } = settings;
  const task = makeTask(name, taskSettings(queues, settings), parent);
  const { minCount: desiredCount } = scaling;
  const moves = { ...settings, pace: messagesPace(cluster.checkIntervalSeconds), workPatienceSeconds: 0 };
  const inputs = {
    ...serviceInputs({ ...settings, desiredCount }, task),
    tags: withMovesTag(settings.tags, moves),
  };
  const options = {
    parent,
    dependsOn: [...cluster.ready],
    deleteBeforeReplace: false,
    ignoreChanges: ["desiredCount"],
  };
  const service = new aws.ecs.Service(name, transformed(inputs, transform.service), options);
  const { checkIntervalSeconds } = cluster;
  const measured = {
    queueNames: queues.map((queue) => queue.name),
    acceptableLatencySeconds: shortestLatency(queues.map(({ args }) => args)),
  };
  const facts = { cluster: cluster.cluster, checkIntervalSeconds, service, scaling };
  return { task, service, scaling: makeWorkerScaling(name, { ...settings, ...measured, ...facts }, parent) };
}

function taskSettings(queues: readonly PolledQueue[], settings: WorkerServiceSettings): TaskSettings {
  const { cluster, taskPolicy = [] } = settings;
  return {
    ...settings,
    ...told(queues, settings),
    architecture: cluster.architecture,
    cluster: cluster.cluster,
    taskPolicy: [...takeJobsStatements(queues.map(reachedQueue)), ...taskPolicy],
  };
}

/** The environment of the container that takes the jobs: its queues, and how long it has at SIGTERM. */
function told(
  queues: readonly PolledQueue[],
  settings: WorkerServiceSettings,
): Pick<TaskSettings, "environment" | "sidecars"> {
  const { environment, sidecars, consumerContainer } = settings;
  const polled = queues.map(({ args, url }) => ({ ...args, url }));
  const consumer = consumerContainer === undefined ? undefined : sidecars?.[consumerContainer];
  if (consumerContainer === undefined || consumer === undefined) {
    return { environment: { ...environment, ...workerEnvironment(polled, settings) }, sidecars };
  }
  const variables = workerEnvironment(polled, { ...settings, stopTimeoutSeconds: consumerStopTimeout(settings) });
  const telling = { ...consumer, environment: { ...consumer.environment, ...variables } };
  return { environment, sidecars: { ...sidecars, [consumerContainer]: telling } };
}
