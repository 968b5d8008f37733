/**
 * As a worker environment of Elastic Beanstalk does it: an instance for each worker, whose number follows the queue's visible
 * messages by steps up and down. Nothing drains an instance before it goes, and its worker dies with what it has in hand.
 * @see https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features-managing-env-tiers.html
 */
import * as aws from "@pulumi/aws";
import { UNHANDLED, type Handling } from "./handling";
import { plainCluster, plainWeb } from "./plainStack";
import { plainWorkers, type PlainTier } from "./plainWorkers";
import { readWorkerConfig } from "./workerConfig";

const HANDLING: Handling = { ...UNHANDLED, terminationProtection: false };

/** As its daemon takes messages, unless told otherwise. */
const DAEMON = { visibilityTimeoutSeconds: 300, maxReceiveCount: 10 };

/** Such a worker needs little: small types, of which a task takes all. */
const OWN_INSTANCE = { cpu: 2048, memoryReservationMiB: 1024 };
const SMALL_TYPES = ["c5.large", "c5a.large", "c6i.large", "c6a.large"];

function main(): void {
  const { group, web, workers } = readWorkerConfig();
  plainWeb(web, plainCluster(group, HANDLING), HANDLING);
  const sizes = { minSize: workers.minCount, maxSize: 2 * workers.maxCount, onDemandBaseCapacity: 0 };
  const own = plainCluster({ ...group, ...sizes, instanceTypes: SMALL_TYPES }, HANDLING, "workers");
  for (const name of ["high", "low"]) {
    const settings = { ...workers, ...OWN_INSTANCE, ...DAEMON, stopTimeoutSeconds: undefined };
    followVisible(name, plainWorkers(name, settings, own));
  }
}

/** More workers for each of these heights of the queue, and fewer below them. */
function followVisible(name: string, { queue, target }: PlainTier): void {
  const step = (side: string, adjustment: number): aws.appautoscaling.Policy =>
    new aws.appautoscaling.Policy(`${name}-${side}`, {
      policyType: "StepScaling",
      resourceId: target.resourceId,
      scalableDimension: target.scalableDimension,
      serviceNamespace: target.serviceNamespace,
      stepScalingPolicyConfiguration: {
        adjustmentType: "ChangeInCapacity",
        cooldown: 60,
        stepAdjustments: [
          side === "up"
            ? { metricIntervalLowerBound: "0", scalingAdjustment: adjustment }
            : { metricIntervalUpperBound: "0", scalingAdjustment: adjustment },
        ],
      },
    });
  const alarm = (
    side: string,
    rest: Pick<aws.cloudwatch.MetricAlarmArgs, "comparisonOperator" | "threshold">,
  ): void => {
    new aws.cloudwatch.MetricAlarm(`${name}-${side}`, {
      ...rest,
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: queue.name },
      statistic: "Average",
      period: 60,
      evaluationPeriods: side === "up" ? 1 : 5,
      alarmActions: [step(side, side === "up" ? 2 : -1).arn],
    });
  };
  alarm("up", { comparisonOperator: "GreaterThanOrEqualToThreshold", threshold: 5 });
  alarm("down", { comparisonOperator: "LessThanThreshold", threshold: 1 });
}

main();
