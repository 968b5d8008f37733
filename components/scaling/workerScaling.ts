/** The number of tasks that take jobs from queues: by the backlog or by steps, out of zero, and never a task with a job in its hands. */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { trackedMetrics } from "./metricMath";
import { messagesPerTask, type QueuesMeasured } from "./queueMetrics";
import { ScaleInFunction } from "./scaleInFunction";
import { scaleOutAlarmNames, type Scaling } from "./scaling";
import type { ScalingTransforms } from "./scalingArgs";
import { cooldowns } from "./scalingResolved";
import { makeScheduledActions } from "./scalingSchedules";
import { makeStepPolicies, type StepPolicyArgs } from "./scalingStepPolicies";
import { makeTarget, type ScalingContext } from "./scalingTarget";
import { makeTargetTracking, type TrackingArgs } from "./scalingTracking";
import type { WorkerScaling } from "./workerScalingArgs";
import { workerScalingNotes } from "./workerScalingProblems";
import {
  followsBacklog,
  goesToZero,
  messagesOfTask,
  resolvedBounds,
  workerOutSteps,
  workersScaledIn,
  type WorkerFacts,
} from "./workerScalingResolved";
import { fromZero, messageSteps } from "./workerStepPolicies";
import { messagesLoad } from "./scaleInMessages";

export type { WorkerScaleIn, WorkerScaleInStep, WorkerScaleOutStep, WorkerScaling } from "./workerScalingArgs";
export { workerScalingProblems } from "./workerScalingProblems";

export interface WorkerScalingSettings extends WorkerFacts {
  readonly scaling: WorkerScaling;
  readonly cluster: aws.ecs.Cluster;
  /** Its desired count must be ignored by updates: from now on others set it. */
  readonly service: aws.ecs.Service;
  /** AWS's, of the queues that it takes from. */
  readonly queueNames: readonly pulumi.Input<string>[];
  /** The cluster's. */
  readonly checkIntervalSeconds: number;
  /** Of the scale-in function's log. */
  readonly logRetentionDays: number;
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: ScalingTransforms;
}

/** The args must have no `workerScalingProblems`. */
export function makeWorkerScaling(name: string, settings: WorkerScalingSettings, parent: pulumi.Resource): Scaling {
  const { scaling, tags, transform = {} } = settings;
  for (const note of workerScalingNotes(scaling)) void pulumi.log.warn(`${name}: ${note}.`, parent);
  const measured = measuredOf(settings);
  const common = { measured, scaling: resolvedBounds(scaling), tags, transform, parent };
  const context: ScalingContext = { ...common, target: makeTarget(name, common) };
  const scaledIn = workersScaledIn(scaling, settings);
  const steps = makeStepPolicies(stepPolicies(name, settings, measured, context), context);
  const afterSteps = steps.map(({ policy }) => policy);
  const scaleInDisabled = scaledIn.by !== "targetTracking";
  const tracked = followsBacklog(scaling) ? [backlogTracking(name, settings, measured, context)] : [];
  const targetTracking = makeTargetTracking(tracked, { scaleInDisabled, after: afterSteps }, context);
  const scheduledActions = makeScheduledActions(name, [...afterSteps, ...targetTracking], context);
  const made = { target: context.target, steps, targetTracking, scheduledActions };
  if (scaledIn.by !== "function") return made;
  const load = messagesLoad(scaledIn.tiers, measured, settings);
  const choice = { ...scaledIn.tiers, workPatienceSeconds: 0 };
  const args = { ...settings, load, choice, scaleOutAlarmNames: scaleOutAlarmNames(made) };
  return { ...made, scaleIn: new ScaleInFunction(name, args, { parent }) };
}

function stepPolicies(
  name: string,
  settings: WorkerScalingSettings,
  measured: QueuesMeasured,
  context: ScalingContext,
): StepPolicyArgs[] {
  const { scaling } = settings;
  const scaledIn = workersScaledIn(scaling, settings);
  const inwards = scaledIn.by === "steps" ? scaledIn.steps : [];
  const { maxCount } = context.scaling;
  const first =
    followsBacklog(scaling) && goesToZero(scaling)
      ? [fromZero(name, { messagesOfTask: messagesOfTask(settings), maxCount }, measured)]
      : [];
  return [...first, ...messageSteps(name, { out: workerOutSteps(scaling), in: inwards }, measured, context)];
}

function backlogTracking(
  name: string,
  settings: WorkerScalingSettings,
  measured: QueuesMeasured,
  { scaling }: ScalingContext,
): TrackingArgs {
  return {
    name: `${name}-track-backlog`,
    specification: { customizedMetricSpecification: { metrics: trackedMetrics(messagesPerTask(measured)) } },
    target: messagesOfTask(settings),
    cooldowns: cooldowns(scaling),
  };
}

const measuredOf = ({ cluster, service, queueNames }: WorkerScalingSettings): QueuesMeasured => ({
  clusterName: cluster.name,
  serviceName: service.name,
  queueNames,
});
