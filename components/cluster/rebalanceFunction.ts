/**
 * Moves tasks from full instances to emptier ones. AWS leaves undone: after an interruption, tasks stay on the instances that were
 * left, and the one that came in place of the lost one stays empty; ECS evens out zones, never the instances of a zone.
 */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { rebalanceCallback } from "../../functions/rebalance/callback";
import { SCHEDULE_MINUTES } from "../../functions/rebalance/event";
import type { CallbackFunction } from "../callbackFunction";
import { makeEventsFunction, type EventsFunctionSettings } from "../eventsFunction";
import type { EventsQueue, RuleArgs } from "../eventsQueue";
import { rebalanceStatements } from "./rebalancePolicy";

export interface RebalanceFunctionArgs extends EventsFunctionSettings {
  readonly cluster: aws.ecs.Cluster;
  /** Of Spot Instances. */
  readonly autoScalingGroup: aws.autoscaling.Group;
  readonly rebalanceMostApartPercent: number;
  readonly rebalanceIntervalMinutes: number;
  readonly rebalanceMostMoves: number;
  readonly targetCapacityPercent: number;
}

export class RebalanceFunction extends pulumi.ComponentResource {
  readonly events: EventsQueue;
  readonly callback: CallbackFunction;
  readonly eventSourceMapping: aws.lambda.EventSourceMapping;

  constructor(name: string, args: RebalanceFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("spotproof:components:RebalanceFunction", name, {}, opts);
    const made = makeEventsFunction(
      `${name}-rebalance`,
      {
        description: `Moves tasks from full instances of ${name} to emptier ones`,
        callbackFactory: rebalanceCallback,
        rules: rules(args),
        environment: (queue) => environment(args, queue),
        statements: (queue) => rebalanceStatements({ ...args, queue }),
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
function rules({ autoScalingGroup }: RebalanceFunctionArgs): Readonly<Record<"launch" | "schedule", RuleArgs>> {
  return {
    launch: {
      description: "Instances that were launched, for the rebalance function",
      eventPattern: {
        source: ["aws.autoscaling"],
        "detail-type": ["EC2 Instance Launch Successful"],
        detail: { AutoScalingGroupName: [autoScalingGroup.name] },
      },
    },
    schedule: {
      description: "Goes on with what moves, and looks now and then whether anything should",
      scheduleExpression: `rate(${SCHEDULE_MINUTES} minutes)`,
    },
  };
}

function environment(args: RebalanceFunctionArgs, queue: aws.sqs.Queue): Record<string, pulumi.Input<string>> {
  return {
    CLUSTER_ARN: args.cluster.arn,
    AUTO_SCALING_GROUP_NAME: args.autoScalingGroup.name,
    QUEUE_URL: queue.url,
    MOST_APART_PERCENT: String(args.rebalanceMostApartPercent),
    INTERVAL_MINUTES: String(args.rebalanceIntervalMinutes),
    MOST_MOVES: String(args.rebalanceMostMoves),
    TARGET_CAPACITY_PERCENT: String(args.targetCapacityPercent),
  };
}
