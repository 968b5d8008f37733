/** A service's number of tasks, following its load: by steps, by target tracking, by the clock. */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ScaleInFunction, trackingAlarmNames } from "./scaleInFunction";
import { requestsLoad } from "./scaleInRequests";
import type { ScalingTransforms, ServiceScaling } from "./scalingArgs";
import { suffixesOf, type Measured, type RequestPath } from "./scalingMetric";
import { scalingNotes } from "./scalingProblems";
import { scaleInOf, scaleOutSteps, type ScalingFacts } from "./scalingResolved";
import { makeScheduledActions } from "./scalingSchedules";
import { makeStepPolicies, tablePolicies, type StepPolicy } from "./scalingStepPolicies";
import { inSteps, outSteps, stepTables } from "./scalingSteps";
import { makeTarget } from "./scalingTarget";
import { makeTargetTracking, trackedTargets } from "./scalingTracking";

export interface ScalingSettings {
  readonly scaling: ServiceScaling;
  readonly cluster: aws.ecs.Cluster;
  /** Its desired count must be ignored by updates: from now on others set it. */
  readonly service: aws.ecs.Service;
  /** The service's; a queue worker has none. */
  readonly balancer?: RequestPath;
  readonly deregistrationDelaySeconds: number;
  /** The target group's; only the scale-in function needs it. */
  readonly healthCheckIntervalSeconds: number;
  /** The cluster's. */
  readonly checkIntervalSeconds: number;
  /** Whether its tasks are protected while they work. */
  readonly protectsWork: boolean;
  /** Of the scale-in function's log. */
  readonly logRetentionDays: number;
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: ScalingTransforms;
}

export interface Scaling {
  readonly target: aws.appautoscaling.Target;
  readonly steps: readonly StepPolicy[];
  readonly targetTracking: readonly aws.appautoscaling.Policy[];
  readonly scheduledActions: readonly aws.appautoscaling.ScheduledAction[];
  /** Where the function scales in. */
  readonly scaleIn?: ScaleInFunction;
}

/** The args must have no `scalingProblems`. */
export function makeScaling(name: string, settings: ScalingSettings, parent: pulumi.Resource): Scaling {
  const { scaling, tags, transform = {} } = settings;
  const facts = factsOf(settings);
  const scaleIn = scaleInOf(scaling, facts);
  for (const note of scalingNotes(scaling, facts)) void pulumi.log.warn(`${name}: ${note}.`, parent);
  const common = { measured: measuredOf(settings), scaling, tags, transform, parent };
  const context = { ...common, target: makeTarget(name, common) };
  const outwards = stepTables("out", outSteps(scaleOutSteps(scaling, facts)));
  const inwards = stepTables("in", inSteps(scaleIn.by === "steps" ? scaleIn.steps : []));
  const steps = makeStepPolicies(tablePolicies(name, [...outwards, ...inwards], context), context);
  const afterSteps = steps.map(({ policy }) => policy);
  const scaleInDisabled = scaleIn.by !== "targetTracking";
  const targetTracking = makeTargetTracking(
    trackedTargets(name, context),
    { scaleInDisabled, after: afterSteps },
    context,
  );
  const scheduledActions = makeScheduledActions(name, [...afterSteps, ...targetTracking], context);
  const made = { target: context.target, steps, targetTracking, scheduledActions };
  const { balancer } = settings;
  if (scaleIn.by !== "function" || !balancer) return made;
  const load = requestsLoad(scaleIn.tiers, { ...settings, balancer });
  const args = { ...settings, load, choice: scaleIn.tiers, scaleOutAlarmNames: scaleOutAlarmNames(made) };
  return { ...made, scaleIn: new ScaleInFunction(name, args, { parent }) };
}

/** AWS makes the alarms of target tracking, and names them. */
export function scaleOutAlarmNames({ steps, targetTracking }: Scaling): pulumi.Output<string[]> {
  const own = steps.filter(({ direction }) => direction === "out").map(({ alarm }) => alarm.name);
  return pulumi.all([pulumi.all(own), trackingAlarmNames(targetTracking)]).apply((names) => names.flat());
}

function factsOf({ balancer, deregistrationDelaySeconds, checkIntervalSeconds }: ScalingSettings): ScalingFacts {
  return { hasBalancer: balancer !== undefined, deregistrationDelaySeconds, checkIntervalSeconds };
}

function measuredOf({ cluster, service, balancer }: ScalingSettings): Measured {
  return { clusterName: cluster.name, serviceName: service.name, balancer: balancer && suffixesOf(balancer) };
}
