/** Limits that AWS documents in prose, which its models leave out; the rehearsal's API keeps them too. */
import { applicationAutoScaling } from "../../../rehearsal/api/applicationAutoScaling";
import { autoScaling } from "../../../rehearsal/api/autoScaling";
import { cloudWatch } from "../../../rehearsal/api/cloudWatch";
import { ec2 } from "../../../rehearsal/api/ec2";
import { ecs } from "../../../rehearsal/api/ecs";
import { elasticLoadBalancingV2 } from "../../../rehearsal/api/elasticLoadBalancingV2";
import type { Operation } from "../../../rehearsal/api/operation";
import { sqs } from "../../../rehearsal/api/sqs";

/** Metrics of AWS's own services, which AWS takes from nobody, are put by the tests. */
const { PutMetricData: _, ...readsOfMetrics } = cloudWatch;

/** By IAM's prefix. */
const OPERATIONS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  "application-autoscaling": applicationAutoScaling,
  autoscaling: autoScaling,
  cloudwatch: readsOfMetrics,
  ec2,
  ecs,
  elasticloadbalancing: elasticLoadBalancingV2,
  sqs,
};

/** What of a request exceeds them; `action` as IAM names it. */
export function excessIn(action: string, input: object): string[] {
  const [service = "", operation = ""] = action.split(":");
  const problem = OPERATIONS[service]?.[operation]?.limits?.(input);
  return problem === undefined ? [] : [`${action}: ${problem}`];
}
