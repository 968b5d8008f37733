/**
 * What ECS tells CloudWatch of a service at the end of every minute: one sample of each running task.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-utilization.html
 */
import type { Cluster } from "../ecs/cluster";
import type { Service } from "../ecs/service";
import type { Task } from "../ecs/task";
import type { MetricDatum } from "./metric";

/** What its tasks use, in percent of what they reserve. */
export interface Utilization {
  readonly cpu: (task: Task) => number;
  readonly memoryPercent: number;
}

/** Tasks that use as much as others are told together; nothing is told where none runs. */
export function serviceMetrics(cluster: Cluster, service: Service, { cpu, memoryPercent }: Utilization): MetricDatum[] {
  const dimensions = { ClusterName: cluster.spec.name, ServiceName: service.spec.name };
  const alike = new Map<number, number>();
  let running = 0;
  for (const task of service.tasks) {
    if (task.lastStatus !== "RUNNING") continue;
    running++;
    const percent = cpu(task);
    alike.set(percent, (alike.get(percent) ?? 0) + 1);
  }
  const datum = (name: string, value: number, samples: number): MetricDatum => ({
    namespace: "AWS/ECS",
    name,
    dimensions,
    value,
    samples,
  });
  return [
    ...[...alike].map(([percent, samples]) => datum("CPUUtilization", percent, samples)),
    ...(running === 0 ? [] : [datum("MemoryUtilization", memoryPercent, running)]),
  ];
}
