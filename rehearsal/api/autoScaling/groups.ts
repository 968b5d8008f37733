/** What EC2 Auto Scaling's operations share: a group by its name, and as IAM sees it. */
import type { Group } from "../../world/autoScaling/group";
import type { ConditionContext, ResourceInRequest } from "../../world/iam";
import type { World } from "../../world/world";
import { ApiError } from "../operation";

export function groupOf(name: string | undefined, world: World): Group {
  const group = world.groups.get(name ?? "");
  if (group === undefined) throw new ApiError("ValidationError", `AutoScalingGroup name not found - ${name}`);
  return group;
}

/** A group that a call changes, with its tags and what else the request says. */
export function groupAsResource(group: Group, request: ConditionContext = {}): ResourceInRequest {
  const tags = group.tags.all.map(({ key, value }) => [`aws:ResourceTag/${key}`, value] as const);
  return { arn: group.spec.arn, context: { ...Object.fromEntries(tags), ...request } };
}
