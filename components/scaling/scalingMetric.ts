/** What a scaling rule looks at, in CloudWatch's terms. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { CustomMetric, QueueMetric, ScalingMetric, ServiceMetric } from "./scalingArgs";

export interface CloudWatchMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
  readonly statistic: string;
}

/** The service that is measured. */
export interface Measured {
  readonly clusterName: pulumi.Input<string>;
  readonly serviceName: pulumi.Input<string>;
  /** As CloudWatch spells them: `app/…` and `targetgroup/…`. */
  readonly balancer?: { readonly loadBalancer: pulumi.Input<string>; readonly targetGroup: pulumi.Input<string> };
}

/** What carries a service's requests. */
export interface RequestPath {
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly targetGroup: aws.lb.TargetGroup;
}

/** Their names as CloudWatch's dimensions have them. */
export const suffixesOf = ({ loadBalancer, targetGroup }: RequestPath) => ({
  loadBalancer: loadBalancer.arnSuffix,
  targetGroup: targetGroup.arnSuffix,
});

export const isQueue = (metric: ScalingMetric): metric is QueueMetric =>
  typeof metric === "object" && "queueName" in metric;

/** The metric's part in the names of its policy and alarm. */
export function metricId(metric: ScalingMetric): string {
  if (typeof metric === "string") return metric;
  return slug(metric.id ?? (isQueue(metric) ? plainName(metric) : metric.metricName));
}

/** Whether two metrics with one id are one. */
export function isSameMetric(a: ScalingMetric, b: ScalingMetric): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  if (isQueue(a)) return isQueue(b) && a.queueName === b.queueName;
  if (isQueue(b)) return false;
  const sameSource = a.namespace === b.namespace && a.metricName === b.metricName && statistic(a) === statistic(b);
  return sameSource && sameDimensions(a.dimensions ?? {}, b.dimensions ?? {});
}

type Dimensions = NonNullable<CustomMetric["dimensions"]>;

const sameDimensions = (a: Dimensions, b: Dimensions): boolean =>
  [...Object.keys(a), ...Object.keys(b)].every((name) => a[name] === b[name]);

/** Whether no task means no value. Those of a queue, or of your own, go on. */
export const isOfTasks = (metric: ScalingMetric): metric is ServiceMetric => typeof metric === "string";

/** @throws Error for requests where there is no load balancer; the problems of the args say so before. */
export function cloudWatchMetric(metric: ScalingMetric, measured: Measured): CloudWatchMetric {
  if (typeof metric !== "string") return isQueue(metric) ? queueMetric(metric) : customMetric(metric);
  if (metric === "requestsPerTarget") return requestsMetric("RequestCountPerTarget", measured);
  const { clusterName, serviceName } = measured;
  const metricName = metric === "cpu" ? "CPUUtilization" : "MemoryUtilization";
  const dimensions = { ClusterName: clusterName, ServiceName: serviceName };
  return { namespace: "AWS/ECS", metricName, dimensions, statistic: "Average" };
}

/** Requests per minute. Of RequestCountPerTarget only the sum is valid, which is the average per target.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html */
export function requestsMetric(
  metricName: "RequestCount" | "RequestCountPerTarget",
  { balancer }: Pick<Measured, "balancer">,
): CloudWatchMetric {
  if (!balancer) throw new Error(`${metricName} needs a load balancer`);
  const dimensions = { LoadBalancer: balancer.loadBalancer, TargetGroup: balancer.targetGroup };
  return { namespace: "AWS/ApplicationELB", metricName, dimensions, statistic: "Sum" };
}

function queueMetric({ queueName }: QueueMetric): CloudWatchMetric {
  const metricName = "ApproximateNumberOfMessagesVisible";
  return { namespace: "AWS/SQS", metricName, dimensions: { QueueName: queueName }, statistic: "Average" };
}

function customMetric(metric: CustomMetric): CloudWatchMetric {
  const { namespace, metricName, dimensions = {} } = metric;
  return { namespace, metricName, dimensions, statistic: statistic(metric) };
}

const statistic = (metric: CustomMetric): string => metric.statistic ?? "Average";

const plainName = ({ queueName }: QueueMetric): string => (typeof queueName === "string" ? queueName : "queue");

const slug = (text: string): string => text.replace(/[^A-Za-z0-9]+/g, "-");
