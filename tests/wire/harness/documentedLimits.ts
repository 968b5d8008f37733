/** Limits that AWS documents in prose, which its models leave out; the rehearsal's API keeps them too. */
import { autoScaling } from "../../../rehearsal/api/autoScaling";
import { ec2 } from "../../../rehearsal/api/ec2";
import { ecs } from "../../../rehearsal/api/ecs";
import { elasticLoadBalancingV2 } from "../../../rehearsal/api/elasticLoadBalancingV2";
import type { Operation } from "../../../rehearsal/api/operation";
import { sqs } from "../../../rehearsal/api/sqs";

/** By IAM's prefix. */
const OPERATIONS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  autoscaling: autoScaling,
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
