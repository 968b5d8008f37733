/**
 * Scales a service in without ending a request or a job. AWS leaves undone: telling ECS which task to stop, and taking a task out of
 * its load balancer before it is stopped. While there is little load, idle tasks are marked, and taken out where there is a balancer;
 * once they have settled, the function stops them itself and lowers the desired count by as many.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { scaleInCallback } from "../../functions/scaleIn/callback";
import type { CallbackFunction } from "../callbackFunction";
import { makeEventsFunction, type EventsFunctionSettings } from "../eventsFunction";
import type { EventsQueue, RuleArgs } from "../eventsQueue";
import { parseArn } from "../names";
import type { ScaleInChoice, ScaleInLoad } from "./scaleInLoad";
import { scaleInStatements } from "./scaleInPolicy";
import { transformed, type Transform } from "../transform";

export interface ScaleInFunctionArgs extends Omit<EventsFunctionSettings, "transform"> {
  readonly cluster: aws.ecs.Cluster;
  readonly service: aws.ecs.Service;
  readonly load: ScaleInLoad;
  readonly choice: ScaleInChoice;
  /** While one of them is in alarm, nothing is scaled in. */
  readonly scaleOutAlarmNames: pulumi.Input<pulumi.Input<string>[]>;
  readonly transform?: {
    readonly scaleInFunction?: Transform<aws.lambda.FunctionArgs>;
    readonly scalingAlarm?: Transform<aws.cloudwatch.MetricAlarmArgs>;
  };
}

export class ScaleInFunction extends pulumi.ComponentResource {
  readonly lowAlarm: aws.cloudwatch.MetricAlarm;
  readonly events: EventsQueue;
  readonly callback: CallbackFunction;
  readonly eventSourceMapping: aws.lambda.EventSourceMapping;

  constructor(name: string, args: ScaleInFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("spotproof:components:ScaleInFunction", name, {}, opts);
    const { load, transform = {} } = args;
    const alarmArgs = transformed(lowAlarmArgs(name, args), transform.scalingAlarm);
    const lowAlarm = new aws.cloudwatch.MetricAlarm(`${name}-few-${load.of}`, alarmArgs, { parent: this });
    this.lowAlarm = lowAlarm;
    const made = makeEventsFunction(
      `${name}-scale-in`,
      {
        description: `Scales ${name} in ${load.description}`,
        callbackFactory: scaleInCallback,
        rules: rules(load, lowAlarm),
        environment: (queue) => environment(args, lowAlarm, queue),
        statements: (queue) => scaleInStatements({ ...args, targetGroups: load.targetGroups, queue }),
        settings: { ...args, transform: transform.scaleInFunction },
      },
      this,
    );
    this.events = made.events;
    this.callback = made.callback;
    this.eventSourceMapping = made.eventSourceMapping;
    this.registerOutputs({ functionArn: this.callback.function.arn });
  }
}

function lowAlarmArgs(name: string, { load, choice, tags }: ScaleInFunctionArgs): aws.cloudwatch.MetricAlarmArgs {
  const threshold = Math.max(...choice.tiers.map(({ below }) => below));
  return {
    alarmDescription: `${name}: fewer than ${threshold} ${load.unit}; while it lasts, the scale-in function removes tasks`,
    ...load.lowAlarm,
    datapointsToAlarm: load.lowAlarm.evaluationPeriods,
    comparisonOperator: "LessThanThreshold",
    threshold,
    tags,
  };
}

/** An alarm tells of its changes only: while it lasts, the schedule goes on. */
function rules(
  { of }: ScaleInLoad,
  lowAlarm: aws.cloudwatch.MetricAlarm,
): Readonly<Record<"alarm" | "schedule", RuleArgs>> {
  return {
    alarm: {
      description: `The alarm of few ${of}, for the scale-in function`,
      eventPattern: {
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        resources: [lowAlarm.arn],
        detail: { state: { value: ["ALARM"] } },
      },
    },
    schedule: {
      description: `Goes on scaling in while few ${of} come, and cleans up`,
      scheduleExpression: "rate(1 minute)",
    },
  };
}

function environment(
  { cluster, service, load, choice, scaleOutAlarmNames }: ScaleInFunctionArgs,
  lowAlarm: aws.cloudwatch.MetricAlarm,
  queue: aws.sqs.Queue,
): Record<string, pulumi.Input<string>> {
  const { mostPerTask, pace } = load;
  const metrics = load.metrics.map(({ namespace, metricName, dimensions, statistic: stat }) => {
    return { namespace, metricName, dimensions, stat };
  });
  return {
    CLUSTER_ARN: cluster.arn,
    SERVICE_NAME: service.name,
    QUEUE_URL: queue.url,
    TARGET_GROUP_ARNS: pulumi.jsonStringify(load.targetGroups.map(({ arn }) => arn)),
    LOW_ALARM_NAME: lowAlarm.name,
    SCALE_OUT_ALARM_NAMES: pulumi.jsonStringify(scaleOutAlarmNames),
    LOAD_METRICS: pulumi.jsonStringify(metrics),
    TIERS: JSON.stringify(choice.tiers),
    TIERS_PER: choice.tiersPer,
    MOST_SHARE_PERCENT: String(choice.mostSharePercent),
    ...(mostPerTask === undefined ? {} : { MOST_PER_TASK: String(mostPerTask) }),
    CHECK_INTERVAL_SECONDS: String(pace.look),
    HEALTH_CHECK_SECONDS: String(pace.healthCheck),
    SETTLE_SECONDS: String(pace.settle),
    WORK_PATIENCE_SECONDS: String(choice.workPatienceSeconds),
  };
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
