/**
 * Scales a service in without ending a request. AWS leaves undone: taking a task out of its load balancer before it is stopped, and
 * telling ECS which one to stop. While few requests come, idle tasks are taken out first; once they have settled, the function stops
 * them itself and lowers the desired count by as many.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { scaleInCallback } from "../../functions/scaleIn/callback";
import { CallbackFunction } from "../callbackFunction";
import { EVENTS_TIMEOUT_SECONDS, makeEventSource } from "../eventSource";
import { EventsQueue, type RuleArgs } from "../eventsQueue";
import { parseArn } from "../names";
import { scaleInStatements } from "./scaleInPolicy";
import { requestsMetric, suffixesOf, type CloudWatchMetric, type RequestPath } from "./scalingMetric";
import type { ResolvedTiers } from "./scalingResolved";
import { transformed, type Transform } from "../transform";

export interface ScaleInFunctionArgs {
  readonly cluster: aws.ecs.Cluster;
  readonly service: aws.ecs.Service;
  /** Where requests are counted, and targets taken out. */
  readonly balancer: RequestPath;
  readonly tiers: ResolvedTiers;
  /** While one of them is in alarm, nothing is scaled in. */
  readonly scaleOutAlarmNames: pulumi.Input<pulumi.Input<string>[]>;
  /** Between two looks at a task that retires, where the target group's health checks leave as much time. */
  readonly checkIntervalSeconds: number;
  /** The target group's. */
  readonly healthCheckIntervalSeconds: number;
  /** The target group's. */
  readonly deregistrationDelaySeconds: number;
  /** Whether its tasks are protected while they work. */
  readonly protectsWork: boolean;
  readonly logRetentionDays: number;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: {
    readonly scaleInFunction?: Transform<aws.lambda.FunctionArgs>;
    readonly scalingAlarm?: Transform<aws.cloudwatch.MetricAlarmArgs>;
  };
}

const MEMORY_MIB = 512;

/** Minutes in a row: one quiet minute is chance, and three are what the function itself looks at. */
const LOW_MINUTES = 3;

/** Check intervals after which a target that was taken out gets no request any more, were it registered again meanwhile. */
const SETTLE_CHECKS = 2;

/** However often the function looks: the balancer takes up to 5 s to let go, and the last request's protection 4 s to come. */
const LEAST_SETTLE_SECONDS = 10;

export class ScaleInFunction extends pulumi.ComponentResource {
  readonly lowAlarm: aws.cloudwatch.MetricAlarm;
  readonly events: EventsQueue;
  readonly callback: CallbackFunction;
  readonly eventSourceMapping: aws.lambda.EventSourceMapping;

  constructor(name: string, args: ScaleInFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("spotproof:components:ScaleInFunction", name, {}, opts);
    const { tags, logRetentionDays, transform = {} } = args;
    const metric = metricOf(args);
    const alarmArgs = transformed(lowAlarmArgs(name, metric, args), transform.scalingAlarm);
    this.lowAlarm = new aws.cloudwatch.MetricAlarm(`${name}-few-requests`, alarmArgs, { parent: this });
    this.events = new EventsQueue(`${name}-scale-in`, { rules: rules(this.lowAlarm), tags }, { parent: this });
    const { queue } = this.events;
    this.callback = new CallbackFunction(
      `${name}-scale-in`,
      {
        description: `Scales ${name} in by tasks without work, which are taken out of the load balancer first`,
        callbackFactory: scaleInCallback,
        environment: environment(args, metric, this.lowAlarm, queue),
        statements: scaleInStatements({ ...args, targetGroups: [args.balancer.targetGroup], queue }),
        timeoutSeconds: EVENTS_TIMEOUT_SECONDS,
        memorySizeMiB: MEMORY_MIB,
        logRetentionDays,
        tags,
        transform: transform.scaleInFunction,
      },
      { parent: this },
    );
    this.eventSourceMapping = makeEventSource(`${name}-scale-in-events`, this.events, this.callback, this);
    this.registerOutputs({ functionArn: this.callback.function.arn });
  }
}

function metricOf({ balancer, tiers }: ScaleInFunctionArgs): CloudWatchMetric {
  const metricName = tiers.tiersPer === "target" ? "RequestCountPerTarget" : "RequestCount";
  return requestsMetric(metricName, { balancer: suffixesOf(balancer) });
}

/** Without traffic the balancer gives no values, and that is the least load of all: what is missing counts as low. */
function lowAlarmArgs(
  name: string,
  metric: CloudWatchMetric,
  { tiers: { tiers, tiersPer }, tags }: ScaleInFunctionArgs,
): aws.cloudwatch.MetricAlarmArgs {
  const threshold = Math.max(...tiers.map(({ below }) => below));
  const per = tiersPer === "target" ? "requests per minute and task" : "requests per minute";
  return {
    alarmDescription: `${name}: fewer than ${threshold} ${per}; while it lasts, the scale-in function removes tasks`,
    ...metric,
    period: 60,
    evaluationPeriods: LOW_MINUTES,
    datapointsToAlarm: LOW_MINUTES,
    comparisonOperator: "LessThanThreshold",
    threshold,
    treatMissingData: "breaching",
    tags,
  };
}

/** An alarm tells of its changes only: while it lasts, the schedule goes on. */
function rules(lowAlarm: aws.cloudwatch.MetricAlarm): Readonly<Record<"alarm" | "schedule", RuleArgs>> {
  return {
    alarm: {
      description: "The alarm of few requests, for the scale-in function",
      eventPattern: {
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        resources: [lowAlarm.arn],
        detail: { state: { value: ["ALARM"] } },
      },
    },
    schedule: {
      description: "Goes on scaling in while few requests come, and cleans up",
      scheduleExpression: "rate(1 minute)",
    },
  };
}

function environment(
  args: ScaleInFunctionArgs,
  { namespace, metricName, dimensions, statistic }: CloudWatchMetric,
  lowAlarm: aws.cloudwatch.MetricAlarm,
  queue: aws.sqs.Queue,
): Record<string, pulumi.Input<string>> {
  const { tiers, healthCheckIntervalSeconds } = args;
  return {
    CLUSTER_ARN: args.cluster.arn,
    SERVICE_NAME: args.service.name,
    QUEUE_URL: queue.url,
    TARGET_GROUP_ARNS: pulumi.jsonStringify([args.balancer.targetGroup.arn]),
    LOW_ALARM_NAME: lowAlarm.name,
    SCALE_OUT_ALARM_NAMES: pulumi.jsonStringify(args.scaleOutAlarmNames),
    REQUESTS_METRIC: pulumi.jsonStringify({ namespace, metricName, dimensions, stat: statistic }),
    TIERS: JSON.stringify(tiers.tiers),
    TIERS_PER: tiers.tiersPer,
    MOST_SHARE_PERCENT: String(tiers.mostSharePercent),
    CHECK_INTERVAL_SECONDS: String(lookSeconds(args)),
    HEALTH_CHECK_SECONDS: String(healthCheckIntervalSeconds),
    SETTLE_SECONDS: String(settleSeconds(args)),
    WORK_PATIENCE_SECONDS: String(tiers.workPatienceSeconds),
  };
}

/** So often that a look which comes late still finds what ECS registered again before it passes a health check. */
function lookSeconds({ checkIntervalSeconds, healthCheckIntervalSeconds }: ScaleInFunctionArgs): number {
  return Math.min(checkIntervalSeconds, Math.floor(healthCheckIntervalSeconds / 2));
}

/** A task that doesn't protect its work may have requests until the balancer cuts them, and StopTask waits for nothing. */
function settleSeconds(args: ScaleInFunctionArgs): number {
  const { checkIntervalSeconds, deregistrationDelaySeconds, protectsWork } = args;
  const settled = Math.max(LEAST_SETTLE_SECONDS, SETTLE_CHECKS * checkIntervalSeconds);
  return protectsWork ? settled : Math.max(settled, deregistrationDelaySeconds);
}

/** Of the alarms that target tracking makes for itself, those that scale out. */
export function trackingAlarmNames(policies: readonly aws.appautoscaling.Policy[]): pulumi.Output<string[]> {
  return pulumi.all(policies.map(({ alarmArns }) => alarmArns)).apply((arns) =>
    arns
      .flat()
      .map((arn) => parseArn(arn).resource.replace(/^alarm:/, ""))
      .filter((alarmName) => alarmName.includes("-AlarmHigh-")),
  );
}
