/**
 * All that AWS offers workers by itself, as its guides say: target tracking on the backlog for each task, beside what it offers
 * against interruptions. Nothing protects a task that works.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-using-sqs-queue.html
 */
import * as aws from "@pulumi/aws";
import { AWS_NATIVE } from "./handling";
import { plainCluster, plainWeb, type PlainCluster } from "./plainStack";
import { plainWorkers, type PlainTier } from "./plainWorkers";
import { readWorkerConfig } from "./workerConfig";

function main(): void {
  const { group, web, workers, backlogPerTask } = readWorkerConfig();
  const on = plainCluster(group, AWS_NATIVE);
  plainWeb(web, on, AWS_NATIVE);
  for (const name of ["high", "low"]) {
    // Its formula divides by the number of tasks, which therefore can't be 0.
    const settings = { ...workers, minCount: Math.max(1, workers.minCount) };
    trackBacklog(name, plainWorkers(name, settings, on), on, backlogPerTask);
  }
}

function trackBacklog(
  name: string,
  { queue, service, target }: PlainTier,
  on: PlainCluster,
  targetValue: number,
): void {
  const dimensions = [
    { name: "ClusterName", value: on.cluster.name },
    { name: "ServiceName", value: service.name },
  ];
  const visible = { name: "QueueName", value: queue.name };
  new aws.appautoscaling.Policy(name, {
    policyType: "TargetTrackingScaling",
    resourceId: target.resourceId,
    scalableDimension: target.scalableDimension,
    serviceNamespace: target.serviceNamespace,
    targetTrackingScalingPolicyConfiguration: {
      targetValue,
      scaleOutCooldown: 60,
      scaleInCooldown: 300,
      customizedMetricSpecification: {
        metrics: [
          { id: "backlog", expression: "visible / tasks", returnData: true },
          {
            id: "visible",
            metricStat: {
              metric: {
                namespace: "AWS/SQS",
                metricName: "ApproximateNumberOfMessagesVisible",
                dimensions: [visible],
              },
              stat: "Average",
            },
            returnData: false,
          },
          // One sample a minute of each task that runs.
          {
            id: "tasks",
            metricStat: {
              metric: { namespace: "AWS/ECS", metricName: "CPUUtilization", dimensions },
              stat: "SampleCount",
            },
            returnData: false,
          },
        ],
      },
    },
  });
}

main();
