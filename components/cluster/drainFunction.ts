/**
 * Empties an instance whose interruption was noticed. AWS leaves undone: deregistering targets at the notice, bounding the
 * whole stop by the notice's two minutes, and replacing at once an instance that is protected from scale-in.
 */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { drainCallback } from "../../functions/drain/callback";
import type { CallbackFunction } from "../callbackFunction";
import { drainStatements } from "./drainPolicy";
import { makeEventsFunction, type EventsFunctionSettings } from "../eventsFunction";
import type { EventsQueue, RuleArgs } from "../eventsQueue";
import { RECOMMENDATION_RULE, type RebalanceRecommendations } from "./recommendations";
import type { Replacement } from "./replacement";

export interface DrainFunctionArgs extends EventsFunctionSettings {
  readonly cluster: aws.ecs.Cluster;
  readonly autoScalingGroup: aws.autoscaling.Group;
  readonly replacement: Replacement;
  readonly rebalanceRecommendations: RebalanceRecommendations;
  readonly recommendationMinutes: number;
  readonly stopTimeoutSeconds: number;
  readonly checkIntervalSeconds: number;
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
const RULES: Readonly<Record<"interruption" | "sweep", RuleArgs>> = {
  interruption: {
    description: "Spot interruption notices, for the drain function",
    eventPattern: { source: ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"] },
  },
  sweep: {
    description: "Repairs every minute what a lost event left undone",
    scheduleExpression: "rate(1 minute)",
  },
};

export class DrainFunction extends pulumi.ComponentResource {
  readonly events: EventsQueue;
  readonly callback: CallbackFunction;
  readonly eventSourceMapping: aws.lambda.EventSourceMapping;

  constructor(name: string, args: DrainFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("spotproof:components:DrainFunction", name, {}, opts);
    const { rebalanceRecommendations } = args;
    const made = makeEventsFunction(
      `${name}-drain`,
      {
        description: `Drains the instances of ${name} whose Spot interruption was noticed`,
        callbackFactory: drainCallback,
        rules: rebalanceRecommendations === "ignore" ? RULES : { ...RULES, recommendation: RECOMMENDATION_RULE },
        environment: (queue) => environment(args, queue),
        statements: (queue) => drainStatements({ ...args, queue }),
        settings: args,
      },
      this,
      name,
    );
    this.events = made.events;
    this.callback = made.callback;
    this.eventSourceMapping = made.eventSourceMapping;
    this.registerOutputs({ functionArn: this.callback.function.arn });
  }
}

function environment(args: DrainFunctionArgs, queue: aws.sqs.Queue): Record<string, pulumi.Input<string>> {
  return {
    CLUSTER_ARN: args.cluster.arn,
    AUTO_SCALING_GROUP_NAME: args.autoScalingGroup.name,
    QUEUE_URL: queue.url,
    REPLACEMENT: args.replacement,
    RECOMMENDATIONS: args.rebalanceRecommendations,
    RECOMMENDATION_MINUTES: String(args.recommendationMinutes),
    STOP_TIMEOUT_SECONDS: String(args.stopTimeoutSeconds),
    CHECK_INTERVAL_SECONDS: String(args.checkIntervalSeconds),
  };
}
