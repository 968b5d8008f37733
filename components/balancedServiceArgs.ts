/** What a BalancedService takes, and what it takes where nothing is given. */
import type * as aws from "@pulumi/aws";
import { DEFAULT_TIME_BUDGET } from "../functions/timeBudget";
import { ALARM_DEFAULTS } from "./watch/alarms";
import type { BalancerArgs, BalancerTransforms, RoutingArgs, RoutingTransforms } from "./balancer/balancerArgs";
import type { ScalingTransforms, ServiceScaling } from "./scaling/scalingArgs";
import { SERVICE_DEFAULTS, type ServiceArgs, type ServiceTransforms } from "./service/serviceArgs";
import { TASK_DEFAULTS, type TaskArgs, type TaskTransforms } from "./task/taskArgs";
import type { Transform } from "./transform";

export interface BalancedServiceArgs extends ServiceArgs, TaskArgs, BalancerArgs, RoutingArgs {
  /** Port on which the container listens; the host port is dynamic. */
  containerPort: number;
  /** How long the load balancer lets requests to a leaving task finish. @default 45 */
  deregistrationDelaySeconds?: number;
  /** The longest that a request takes: one that an interruption would cut off is warned of. @default not known */
  longestRequestSeconds?: number;
  /** @default "/" */
  healthCheckPath?: string;
  /** @default 10 */
  healthCheckIntervalSeconds?: number;
  /** @default 5 */
  healthCheckTimeoutSeconds?: number;
  /** @default 2 */
  healthyThresholdCount?: number;
  /** @default 2 */
  unhealthyThresholdCount?: number;
  /** HTTP codes of a healthy answer. @default "200-399" */
  healthCheckMatcher?: string;
  /** How long after its start a task isn't replaced for failed checks. @default 60 */
  healthCheckGracePeriodSeconds?: number;
  /** How the number of tasks follows the load; desiredCount is then what the service begins with. @default none: desiredCount */
  scaling?: ServiceScaling;
  /** Whether there are alarms, where the cluster has them. @default true */
  alarms?: boolean;
  /** More answers of 5xx a minute are an alarm. @default 10 */
  most5xxPerMinute?: number;
  /** Changes a child's args before it is declared. @default none */
  transform?: BalancedServiceTransforms;
}

export interface BalancedServiceTransforms
  extends TaskTransforms, ServiceTransforms, BalancerTransforms, RoutingTransforms, ScalingTransforms {
  alarm?: Transform<aws.cloudwatch.MetricAlarmArgs>;
}

export const BALANCED_SERVICE_DEFAULTS = {
  ...TASK_DEFAULTS,
  ...SERVICE_DEFAULTS,
  ...ALARM_DEFAULTS,
  alarms: true,
  deregistrationDelaySeconds: DEFAULT_TIME_BUDGET.deregistrationDelaySeconds,
  healthCheckPath: "/",
  healthCheckIntervalSeconds: 10,
  healthCheckTimeoutSeconds: 5,
  healthyThresholdCount: 2,
  unhealthyThresholdCount: 2,
  healthCheckMatcher: "200-399",
  healthCheckGracePeriodSeconds: 60,
};
