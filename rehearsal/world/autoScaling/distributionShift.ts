/**
 * A changed share of On-Demand Instances, reached by replacing running instances. AWS's reference for CloudFormation says that an update
 * means a gradual replacement, new instances first; the API's own says nothing of it, so that it is a flag.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-autoscaling-autoscalinggroup-instancesdistribution.html
 */
import type { Lifecycle } from "../ec2/instance";
import { onDemandShare } from "./census";
import type { GroupSpec } from "./groupSpec";
import { counts, isProtected, type Member } from "./member";

export interface Shift {
  readonly victim: Member;
  /** What comes in its place. */
  readonly lifecycle: Lifecycle;
}

/** One at a time, and none that is protected from scale-in; undefined where the shares are right or nothing may go. */
export function shiftTowards(spec: GroupSpec, desired: number, members: Iterable<Member>): Shift | undefined {
  const counted = [...members].filter(counts);
  if (counted.length !== desired || counted.some(({ lifecycleState }) => lifecycleState !== "InService"))
    return undefined;
  const onDemand = counted.filter(({ instance }) => instance.lifecycle === "on-demand").length;
  const share = onDemandShare(spec, desired);
  if (onDemand === share) return undefined;
  const lifecycle = onDemand < share ? "on-demand" : "spot";
  const victim = counted.find((member) => member.instance.lifecycle !== lifecycle && !isProtected(member));
  return victim && { victim, lifecycle };
}
