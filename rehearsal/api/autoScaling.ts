/** EC2 Auto Scaling's API as far as the functions call it. */
import type * as sdk from "@aws-sdk/client-auto-scaling";
import type { Group } from "../world/autoScaling/group";
import type { LifecycleState, Member } from "../world/autoScaling/member";
import type { World } from "../world/world";
import { groupAsResource, groupOf } from "./autoScaling/groups";
import { refreshes } from "./autoScaling/refreshes";
import { describeTag, tags } from "./autoScaling/tags";
import { anywhere, ApiError, atMost, paged, type Operation } from "./operation";

/** §5.7: pages and batches. */
const GROUPS_PAGE = { byDefault: 50, most: 100 };
const INSTANCES_PAGE = { byDefault: 50, most: 50 };
const DETACH_LIMIT = 20;
const PROTECT_LIMIT = 50;

/** The group that a call changes, as IAM sees it. */
const groupResource = ({ AutoScalingGroupName }: { AutoScalingGroupName?: string }, world: World) => [
  groupAsResource(groupOf(AutoScalingGroupName, world)),
];

function memberOf(group: Group, instanceId: string | undefined): Member {
  const member = group.members.get(instanceId ?? "");
  if (member !== undefined) return member;
  throw new ApiError(
    "ValidationError",
    `The instance ${instanceId} is not part of Auto Scaling group ${group.spec.name}.`,
  );
}

/** The group that has the instance, and the instance in it. */
function located(instanceId: string | undefined, world: World): { group: Group; member: Member } {
  for (const group of world.groups.values()) {
    const member = group.members.get(instanceId ?? "");
    if (member !== undefined) return { group, member };
  }
  throw new ApiError("ValidationError", `Instance Id not found - ${instanceId}`);
}

const describeAutoScalingInstances: Operation<sdk.DescribeAutoScalingInstancesCommandInput> = {
  requires: [],
  limits: atMost("InstanceIds", INSTANCES_PAGE.most),
  kind: "read",
  request: () => ({ action: "autoscaling:DescribeAutoScalingInstances", resources: anywhere }),
  run: (input, world, asOf) => {
    const wanted = input.InstanceIds === undefined ? undefined : new Set(input.InstanceIds);
    const all = [...world.groups.values()].flatMap((group) =>
      group
        .membersAt(asOf)
        .filter(({ member }) => wanted?.has(member.instance.id) ?? true)
        .map((each) => ({ ...describeMember(each), AutoScalingGroupName: group.spec.name })),
    );
    const { items, next } = paged(all, input.NextToken, input.MaxRecords, INSTANCES_PAGE);
    return { AutoScalingInstances: items, NextToken: next };
  },
};

const describeAutoScalingGroups: Operation<sdk.DescribeAutoScalingGroupsCommandInput> = {
  requires: [],
  kind: "read",
  request: () => ({ action: "autoscaling:DescribeAutoScalingGroups", resources: anywhere }),
  run: (input, world, asOf) => {
    const all = [...world.groups.values()].filter(
      (group) => input.AutoScalingGroupNames?.includes(group.spec.name) ?? true,
    );
    const { items, next } = paged(all, input.NextToken, input.MaxRecords, GROUPS_PAGE);
    return { AutoScalingGroups: items.map((group) => describeGroup(group, asOf)), NextToken: next };
  },
};

function describeGroup(group: Group, asOf: number): object {
  const { name, arn, minSize, maxSize, availabilityZones } = group.spec;
  return {
    AutoScalingGroupName: name,
    AutoScalingGroupARN: arn,
    MinSize: minSize,
    MaxSize: maxSize,
    DesiredCapacity: group.desiredCapacity,
    AvailabilityZones: [...availabilityZones],
    NewInstancesProtectedFromScaleIn: group.spec.protectFromScaleIn,
    Instances: group.membersAt(asOf).map(describeMember),
    Tags: group.tags.at(asOf).map((tag) => describeTag(tag, group)),
  };
}

function describeMember({ member, lifecycleState }: { member: Member; lifecycleState: LifecycleState }) {
  return {
    InstanceId: member.instance.id,
    InstanceType: member.instance.instanceType,
    AvailabilityZone: member.instance.availabilityZone,
    LifecycleState: lifecycleState,
    HealthStatus: "Healthy",
    ProtectedFromScaleIn: member.protectedFromScaleIn,
  };
}

const detachInstances: Operation<sdk.DetachInstancesCommandInput> = {
  requires: ["AutoScalingGroupName", "ShouldDecrementDesiredCapacity"],
  limits: atMost("InstanceIds", DETACH_LIMIT),
  kind: "modify",
  request: (input, world) => ({ action: "autoscaling:DetachInstances", resources: groupResource(input, world) }),
  run: (input, world) => {
    const group = groupOf(input.AutoScalingGroupName, world);
    const ids = input.InstanceIds ?? [];
    const decrement = input.ShouldDecrementDesiredCapacity ?? false;
    for (const id of ids) {
      const { lifecycleState } = memberOf(group, id);
      if (lifecycleState !== "InService") {
        throw new ApiError("ValidationError", `The instance ${id} is not in InService.`);
      }
    }
    if (decrement) checkMinimum(group, ids.length);
    for (const id of ids) group.detach(id, decrement);
    return { Activities: [] };
  },
};

function checkMinimum({ desiredCapacity, spec }: Group, fewer: number): void {
  if (desiredCapacity - fewer >= spec.minSize) return;
  throw new ApiError(
    "ValidationError",
    `Currently, desiredSize equals ${desiredCapacity} and minSize ${spec.minSize}. Terminating or detaching ${fewer} would put the group below its minimum size constraint.`,
  );
}

const setInstanceProtection: Operation<sdk.SetInstanceProtectionCommandInput> = {
  requires: ["AutoScalingGroupName", "InstanceIds", "ProtectedFromScaleIn"],
  limits: atMost("InstanceIds", PROTECT_LIMIT),
  kind: "modify",
  request: (input, world) => ({ action: "autoscaling:SetInstanceProtection", resources: groupResource(input, world) }),
  run: (input, world) => {
    const group = groupOf(input.AutoScalingGroupName, world);
    for (const id of input.InstanceIds ?? []) memberOf(group, id);
    for (const id of input.InstanceIds ?? []) group.setProtection(id, input.ProtectedFromScaleIn ?? false);
    return {};
  },
};

const setDesiredCapacity: Operation<sdk.SetDesiredCapacityCommandInput> = {
  requires: ["AutoScalingGroupName", "DesiredCapacity"],
  kind: "modify",
  request: (input, world) => ({ action: "autoscaling:SetDesiredCapacity", resources: groupResource(input, world) }),
  run: (input, world) => {
    const group = groupOf(input.AutoScalingGroupName, world);
    const wanted = input.DesiredCapacity ?? 0;
    const { minSize, maxSize } = group.spec;
    if (wanted < minSize || wanted > maxSize) {
      throw new ApiError(
        "ValidationError",
        `New SetDesiredCapacity value ${wanted} is not within ${minSize} to ${maxSize}.`,
      );
    }
    group.setDesiredCapacity(wanted);
    return {};
  },
};

const terminateInstance: Operation<sdk.TerminateInstanceInAutoScalingGroupCommandInput> = {
  requires: ["InstanceId", "ShouldDecrementDesiredCapacity"],
  kind: "modify",
  request: (input, world) => ({
    action: "autoscaling:TerminateInstanceInAutoScalingGroup",
    resources: [{ arn: located(input.InstanceId, world).group.spec.arn, context: {} }],
  }),
  run: (input, world) => {
    const { group, member } = located(input.InstanceId, world);
    if (input.ShouldDecrementDesiredCapacity === true) {
      checkMinimum(group, 1);
      group.setDesiredCapacity(group.desiredCapacity - 1);
    }
    group.terminateMember(member, "TerminateInstanceInAutoScalingGroup");
    return {};
  },
};

const completeLifecycleAction: Operation<sdk.CompleteLifecycleActionCommandInput> = {
  requires: ["AutoScalingGroupName", "LifecycleHookName", "LifecycleActionResult"],
  limits: ({ LifecycleActionToken, InstanceId }) =>
    LifecycleActionToken === undefined && InstanceId === undefined
      ? "neither LifecycleActionToken nor InstanceId is given"
      : undefined,
  kind: "modify",
  request: (input, world) => ({
    action: "autoscaling:CompleteLifecycleAction",
    resources: groupResource(input, world),
  }),
  run: (input, world) => {
    const group = groupOf(input.AutoScalingGroupName, world);
    const result = input.LifecycleActionResult === "ABANDON" ? "ABANDON" : "CONTINUE";
    const candidates =
      input.InstanceId === undefined ? [...group.members.values()] : [memberOf(group, input.InstanceId)];
    const done = candidates.some((member) =>
      group.hooks.complete(member, input.LifecycleHookName ?? "", result, input.LifecycleActionToken),
    );
    if (!done)
      throw new ApiError("ValidationError", `No active Lifecycle Action found with instance ID ${input.InstanceId}`);
    return {};
  },
};

export const autoScaling: Readonly<Record<string, Operation>> = {
  DescribeAutoScalingInstances: describeAutoScalingInstances,
  DescribeAutoScalingGroups: describeAutoScalingGroups,
  DetachInstances: detachInstances,
  SetInstanceProtection: setInstanceProtection,
  SetDesiredCapacity: setDesiredCapacity,
  TerminateInstanceInAutoScalingGroup: terminateInstance,
  CompleteLifecycleAction: completeLifecycleAction,
  ...tags,
  ...refreshes,
};
