/**
 * Lets On-Demand Instances stand in while Spot launches fail. AWS leaves undone: a group with Spot Instances tries on until there are
 * some, and never takes on-demand ones in their place.
 */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { fallbackCallback } from "../../functions/fallback/callback";
import type { CallbackFunction } from "../callbackFunction";
import { fallbackStatements } from "./fallbackPolicy";
import { makeEventsFunction, type EventsFunctionSettings } from "../eventsFunction";
import type { EventsQueue, RuleArgs } from "../eventsQueue";
import type { ResolvedFallback } from "./onDemandFallback";

export interface FallbackFunctionArgs extends EventsFunctionSettings {
  readonly cluster: aws.ecs.Cluster;
  readonly autoScalingGroup: aws.autoscaling.Group;
  /** The group's OnDemandBaseCapacity as it is declared. */
  readonly declaredBaseCapacity: pulumi.Input<number>;
  readonly fallback: ResolvedFallback;
}

export class FallbackFunction extends pulumi.ComponentResource {
  readonly events: EventsQueue;
  readonly callback: CallbackFunction;
  readonly eventSourceMapping: aws.lambda.EventSourceMapping;

  constructor(name: string, args: FallbackFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("spotproof:components:FallbackFunction", name, {}, opts);
    const made = makeEventsFunction(
      `${name}-fallback`,
      {
        description: `Lets On-Demand Instances of ${name} stand in while Spot is out`,
        callbackFactory: fallbackCallback,
        rules: rules(args.autoScalingGroup),
        environment: () => environment(args),
        statements: (queue) => fallbackStatements({ ...args, queue }),
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

/** @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html */
function rules(group: aws.autoscaling.Group): Record<string, RuleArgs> {
  return {
    "launch-failed": {
      description: "Launches of the group that failed, for the fallback function",
      eventPattern: {
        source: ["aws.autoscaling"],
        "detail-type": ["EC2 Instance Launch Unsuccessful"],
        detail: { AutoScalingGroupName: [group.name] },
      },
    },
    sweep: { description: "Has the fallback function look every minute", scheduleExpression: "rate(1 minute)" },
  };
}

function environment(args: FallbackFunctionArgs): Record<string, pulumi.Input<string>> {
  const { cluster, autoScalingGroup, declaredBaseCapacity, fallback } = args;
  return {
    CLUSTER_ARN: cluster.arn,
    AUTO_SCALING_GROUP_NAME: autoScalingGroup.name,
    DECLARED_BASE_CAPACITY: pulumi.output(declaredBaseCapacity).apply(String),
    MAX_INSTANCES: String(fallback.maxInstances),
    MAX_HOURS: String(fallback.maxHours),
  };
}
