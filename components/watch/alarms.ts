/** What needs a person, told to a topic. Each alarm has its first step in the runbook. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { anyOf, functionAlarms, type AlarmSpec, type WatchedFunction } from "./alarmSpec";
import { fallbackAlarms } from "./fallbackAlarms";
import { refreshAlarms, type WatchedRefresh } from "./refreshAlarms";
import { transformed, type Transform } from "../transform";

export const ALARM_DEFAULTS = { most5xxPerMinute: 10 };

export interface AlarmSettings {
  /** Told when an alarm begins, and when it ends. */
  readonly topicArn: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: Transform<aws.cloudwatch.MetricAlarmArgs>;
}

/** By the last part of their names. */
export type Alarms = Readonly<Record<string, aws.cloudwatch.MetricAlarm>>;

export interface ClusterAlarmsSettings extends AlarmSettings {
  readonly cluster: aws.ecs.Cluster;
  /** The group of Spot Instances. */
  readonly autoScalingGroup: aws.autoscaling.Group;
  readonly drain: WatchedFunction;
  readonly fallback: WatchedFunction;
  readonly rebalance?: WatchedFunction;
  readonly refresh?: WatchedRefresh;
}

export interface ServiceAlarmsSettings extends AlarmSettings {
  readonly cluster: aws.ecs.Cluster;
  readonly service: aws.ecs.Service;
  /** Fewer running tasks than these are too few, at any hour of the schedules; 0: none are too few. */
  readonly fewestTasks: number;
  /** A queue worker has none. */
  readonly balancer?: {
    readonly loadBalancer: aws.lb.LoadBalancer;
    readonly targetGroup: aws.lb.TargetGroup;
    /** Whether other services share the load balancer: then its own errors aren't this one's. */
    readonly isShared: boolean;
  };
  /** Of a balanced service. @default 10 */
  readonly most5xxPerMinute?: number;
  /** Where the function scales in. */
  readonly scaleIn?: WatchedFunction;
}

/** Replacing an instance takes a group a few minutes; for so many it has found none. */
const NO_CAPACITY_MINUTES = 10;

/** A deployment may have fewer tasks for some minutes. */
const TOO_FEW_MINUTES = 10;

export function makeClusterAlarms(name: string, settings: ClusterAlarmsSettings, parent: pulumi.Resource): Alarms {
  const { cluster, autoScalingGroup, drain, fallback, rebalance, refresh } = settings;
  const ofCluster = { ClusterName: cluster.name };
  const specs = {
    "no-spot-capacity": noCapacity(name, autoScalingGroup),
    "stopped-at-deadline": {
      ...anyOf("Spotproof", "TasksStoppedAtDeadline", ofCluster),
      alarmDescription: `${name}: tasks were stopped because the notice was running out, not because their requests had ended`,
    },
    ...functionAlarms(`${name}'s drain function`, "drain", drain, ofCluster),
    ...fallbackAlarms(name, ofCluster),
    ...functionAlarms(`${name}'s fallback function`, "fallback", fallback, ofCluster, "FallbackFailedActions"),
    ...(rebalance && functionAlarms(`${name}'s rebalance function`, "rebalance", rebalance, ofCluster, "FailedMoves")),
    ...(refresh && refreshAlarms(name, refresh, ofCluster)),
  };
  return makeAlarms(name, specs, settings, parent);
}

export function makeServiceAlarms(name: string, settings: ServiceAlarmsSettings, parent: pulumi.Resource): Alarms {
  const { cluster, service, fewestTasks, scaleIn } = settings;
  const ofService = { ClusterName: cluster.name, ServiceName: service.name };
  const specs = {
    ...errorAlarms(name, settings),
    ...(fewestTasks > 0 && { "too-few-tasks": tooFew(name, settings, ofService) }),
    ...(scaleIn && functionAlarms(`${name}'s scale-in function`, "scale-in", scaleIn, ofService)),
  };
  return makeAlarms(name, specs, settings, parent);
}

export function makeAlarms(
  name: string,
  specs: Readonly<Record<string, AlarmSpec>>,
  { topicArn, tags, transform }: AlarmSettings,
  parent: pulumi.Resource,
): Alarms {
  const made = Object.entries(specs).map(([part, spec]): [string, aws.cloudwatch.MetricAlarm] => {
    const args = { treatMissingData: "notBreaching", ...spec, alarmActions: [topicArn], okActions: [topicArn], tags };
    return [part, new aws.cloudwatch.MetricAlarm(`${name}-${part}`, transformed(args, transform), { parent })];
  });
  return Object.fromEntries(made);
}

/** Both are published by the group every minute.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html */
function noCapacity(name: string, group: aws.autoscaling.Group): AlarmSpec {
  const dimensions = { AutoScalingGroupName: group.name };
  const query = (id: string, metricName: string) => ({
    id,
    metric: { namespace: "AWS/AutoScaling", metricName, dimensions, stat: "Average", period: 60 },
  });
  return {
    alarmDescription: `${name}: the group has wanted more instances for ${NO_CAPACITY_MINUTES} minutes than it could launch`,
    metricQueries: [
      query("desired", "GroupDesiredCapacity"),
      query("inService", "GroupInServiceInstances"),
      { id: "missing", expression: "desired - inService", label: "instances missing", returnData: true },
    ],
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    evaluationPeriods: NO_CAPACITY_MINUTES,
  };
}

/** What the application answers, and what the load balancer answers in its place; of a shared balancer only the first are ours. */
function errorAlarms(name: string, settings: ServiceAlarmsSettings): Record<string, AlarmSpec> {
  const { balancer, most5xxPerMinute = ALARM_DEFAULTS.most5xxPerMinute } = settings;
  if (!balancer) return {};
  const often = { threshold: most5xxPerMinute };
  const most = `more than ${most5xxPerMinute} answers of 5xx a minute`;
  const targets: AlarmSpec = {
    ...anyOf("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", ofTargets(balancer)),
    ...often,
    alarmDescription: `${name}: ${most} by the application`,
  };
  if (balancer.isShared) return { "target-5xx": targets };
  const ofBalancer: AlarmSpec = {
    ...anyOf("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", { LoadBalancer: balancer.loadBalancer.arnSuffix }),
    ...often,
    alarmDescription: `${name}: ${most} by the load balancer, which had no task that answered`,
  };
  return { "target-5xx": targets, "elb-5xx": ofBalancer };
}

/** Healthy targets, or, without a load balancer, running tasks, each of which tells its CPU once a minute. No value at all is none. */
function tooFew(
  name: string,
  { balancer, fewestTasks }: ServiceAlarmsSettings,
  ofService: Record<string, pulumi.Input<string>>,
): AlarmSpec {
  const healthy = balancer && {
    namespace: "AWS/ApplicationELB",
    metricName: "HealthyHostCount",
    dimensions: ofTargets(balancer),
    statistic: "Minimum",
  };
  const running = {
    namespace: "AWS/ECS",
    metricName: "CPUUtilization",
    dimensions: ofService,
    statistic: "SampleCount",
  };
  return {
    ...(healthy ?? running),
    alarmDescription: `${name}: fewer than ${fewestTasks} tasks ${healthy ? "were healthy" : "ran"} for ${TOO_FEW_MINUTES} minutes`,
    period: 60,
    comparisonOperator: "LessThanThreshold",
    threshold: fewestTasks,
    evaluationPeriods: TOO_FEW_MINUTES,
    treatMissingData: "breaching",
  };
}

/** As CloudWatch spells them. */
const ofTargets = ({ loadBalancer, targetGroup }: NonNullable<ServiceAlarmsSettings["balancer"]>) => ({
  LoadBalancer: loadBalancer.arnSuffix,
  TargetGroup: targetGroup.arnSuffix,
});
