/** The metrics that the world measures. An alarm on any other one would see nothing, whatever happened. */
import { METRIC_NAMESPACE } from "../../../functions/log";
import type { Metric } from "./metric";

/** The names of a metric's dimensions, sorted. */
type Dimensions = readonly string[];

const OF_GROUP: Dimensions = ["LoadBalancer", "TargetGroup"];
const OF_SERVICE: Dimensions = ["ClusterName", "ServiceName"];
const OF_QUEUE: Dimensions = ["QueueName"];
const OF_FUNCTION: Dimensions = ["FunctionName"];

const FED: Readonly<Record<string, readonly Dimensions[]>> = {
  "AWS/ApplicationELB RequestCount": [OF_GROUP],
  "AWS/ApplicationELB RequestCountPerTarget": [OF_GROUP, ["TargetGroup"]],
  "AWS/ApplicationELB HTTPCode_Target_5XX_Count": [OF_GROUP],
  "AWS/ApplicationELB HTTPCode_ELB_5XX_Count": [["LoadBalancer"]],
  "AWS/ApplicationELB HealthyHostCount": [OF_GROUP],
  "AWS/ECS CPUUtilization": [OF_SERVICE],
  "AWS/ECS MemoryUtilization": [OF_SERVICE],
  "AWS/Lambda Invocations": [OF_FUNCTION],
  "AWS/Lambda Errors": [OF_FUNCTION],
  "AWS/Lambda Throttles": [OF_FUNCTION],
  "AWS/SQS ApproximateNumberOfMessagesVisible": [OF_QUEUE],
  "AWS/SQS ApproximateNumberOfMessagesNotVisible": [OF_QUEUE],
  "AWS/SQS ApproximateNumberOfMessagesDelayed": [OF_QUEUE],
  "AWS/SQS ApproximateAgeOfOldestMessage": [OF_QUEUE],
  "AWS/SQS NumberOfMessagesSent": [OF_QUEUE],
  "AWS/SQS NumberOfMessagesReceived": [OF_QUEUE],
  "AWS/SQS NumberOfMessagesDeleted": [OF_QUEUE],
  "AWS/SQS NumberOfEmptyReceives": [OF_QUEUE],
};

export function isFed({ namespace, name, dimensions }: Metric): boolean {
  // What the functions print.
  if (namespace === METRIC_NAMESPACE) return true;
  const given = Object.keys(dimensions).sort().join();
  return FED[`${namespace} ${name}`]?.some((known) => known.join() === given) ?? false;
}
