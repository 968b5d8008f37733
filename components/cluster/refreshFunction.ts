/**
 * Brings a new AMI to the instances that run already, or tells of those that wait for it. AWS leaves undone: a template's parameter
 * gives the new AMI to new instances alone, and no group replaces the others for it by itself.
 */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { refreshCallback } from "../../functions/refresh/callback";
import type { CallbackFunction } from "../callbackFunction";
import { makeEventsFunction, type EventsFunctionSettings } from "../eventsFunction";
import type { EventsQueue, RuleArgs } from "../eventsQueue";
import { privateParameterName } from "./amiParameter";
import { DAYS, type RefreshSettings } from "./refreshArgs";
import { refreshStatements } from "./refreshPolicy";

export interface RefreshFunctionArgs extends RefreshSettings, EventsFunctionSettings {
  readonly cluster: aws.ecs.Cluster;
  /** All of them launch from the template. */
  readonly groups: readonly aws.autoscaling.Group[];
  readonly launchTemplate: aws.ec2.LaunchTemplate;
  readonly instanceRole: aws.iam.Role;
  readonly amiId?: pulumi.Input<string>;
}

const MEMORY_MIB = 256;

export class RefreshFunction extends pulumi.ComponentResource {
  readonly events: EventsQueue;
  readonly callback: CallbackFunction;
  readonly eventSourceMapping: aws.lambda.EventSourceMapping;

  constructor(name: string, args: RefreshFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("spotproof:components:RefreshFunction", name, {}, opts);
    const made = makeEventsFunction(
      `${name}-refresh`,
      {
        description: `Looks after the AMI of the instances of ${name}`,
        callbackFactory: refreshCallback,
        rules: rules(args),
        memorySizeMiB: MEMORY_MIB,
        environment: () => environment(args),
        statements: (queue) => refreshStatements({ ...args, queue }),
        settings: args,
      },
      this,
    );
    this.events = made.events;
    this.callback = made.callback;
    this.eventSourceMapping = made.eventSourceMapping;
    this.registerOutputs({ functionArn: this.callback.function.arn });
  }
}

/** AWS's public parameters tell nobody of their changes: the schedule finds them.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html */
function rules({ groups, amiId }: RefreshFunctionArgs): Record<string, RuleArgs> {
  const names = pulumi.all(groups.map((group) => group.name));
  const parameter = typeof amiId === "string" ? privateParameterName(amiId) : undefined;
  return {
    sweep: { description: "Looks for instances with an older AMI", scheduleExpression: "rate(5 minutes)" },
    refreshes: {
      description: "Instance refreshes, for the refresh function",
      eventPattern: {
        source: ["aws.autoscaling"],
        "detail-type": [{ prefix: "EC2 Auto Scaling Instance Refresh " }],
        detail: { AutoScalingGroupName: names },
      },
    },
    ...(parameter !== undefined && {
      parameter: {
        description: "Another AMI in the parameter, for the refresh function",
        eventPattern: {
          source: ["aws.ssm"],
          "detail-type": ["Parameter Store Change"],
          detail: { name: [parameter], operation: ["Create", "Update"] },
        },
      },
    }),
  };
}

function environment(args: RefreshFunctionArgs): Record<string, pulumi.Input<string>> {
  const [hours, minutes] = args.refreshStartTime.split(":").map(Number);
  const window = {
    days: args.refreshDays.map((day) => DAYS.indexOf(day)),
    startMinute: hours! * 60 + minutes!,
    lengthMinutes: args.refreshWindowMinutes,
    timeZone: args.refreshTimeZone,
  };
  return {
    CLUSTER_ARN: args.cluster.arn,
    AUTO_SCALING_GROUP_NAMES: pulumi.jsonStringify(args.groups.map((group) => group.name)),
    LAUNCH_TEMPLATE_ID: args.launchTemplate.id,
    REFRESH: args.refresh,
    WINDOW: JSON.stringify(window),
    MOST_MINUTES: String(args.refreshMaxMinutes),
    MAX_HEALTHY_PERCENT: String(args.refreshMaxHealthyPercent),
    CHECKPOINT_PERCENTS: JSON.stringify(args.refreshCheckpointPercents),
    CHECKPOINT_DELAY_SECONDS: String(args.refreshCheckpointDelaySeconds),
    INSTANCE_WARMUP_SECONDS: String(args.refreshInstanceWarmupSeconds),
    ALARM_NAMES: pulumi.jsonStringify(args.refreshAlarmNames),
  };
}
