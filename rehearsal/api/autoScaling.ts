/** EC2 Auto Scaling's API as far as the functions call it. */
import type * as sdk from "@aws-sdk/client-auto-scaling";
import type { Group } from "../world/autoScaling/group";
import type { World } from "../world/world";
import { anywhere, ApiError, atMost, type Operation } from "./operation";

function groupOf(name: string | undefined, world: World): Group {
  const group = world.groups.get(name ?? "");
  if (group === undefined) throw new ApiError("ValidationError", `AutoScalingGroup name not found - ${name}`);
  return group;
}

const describeAutoScalingInstances: Operation<sdk.DescribeAutoScalingInstancesCommandInput> = {
  requires: [],
  limits: atMost("InstanceIds", 50),
  kind: "read",
  request: () => ({ action: "autoscaling:DescribeAutoScalingInstances", resources: anywhere }),
  run: (input, world) => ({
    AutoScalingInstances: [...world.groups.values()].flatMap((group) =>
      [...group.members.values()]
        .filter(({ instance }) => input.InstanceIds?.includes(instance.id) ?? true)
        .map(({ instance, lifecycleState }) => ({
          InstanceId: instance.id,
          AutoScalingGroupName: group.spec.name,
          AvailabilityZone: instance.availabilityZone,
          LifecycleState: lifecycleState,
        })),
    ),
  }),
};

const describeAutoScalingGroups: Operation<sdk.DescribeAutoScalingGroupsCommandInput> = {
  requires: [],
  kind: "read",
  request: () => ({ action: "autoscaling:DescribeAutoScalingGroups", resources: anywhere }),
  run: (input, world) => ({
    AutoScalingGroups: [...world.groups.values()]
      .filter((group) => input.AutoScalingGroupNames?.includes(group.spec.name) ?? true)
      .map((group) => ({
        AutoScalingGroupName: group.spec.name,
        AutoScalingGroupARN: group.spec.arn,
        MinSize: group.spec.minSize,
        MaxSize: group.spec.maxSize,
        DesiredCapacity: group.desiredCapacity,
        Instances: [...group.members.values()].map(({ instance, lifecycleState, protectedFromScaleIn }) => ({
          InstanceId: instance.id,
          InstanceType: instance.instanceType,
          AvailabilityZone: instance.availabilityZone,
          LifecycleState: lifecycleState,
          ProtectedFromScaleIn: protectedFromScaleIn,
        })),
      })),
  }),
};

const detachInstances: Operation<sdk.DetachInstancesCommandInput> = {
  requires: ["AutoScalingGroupName", "ShouldDecrementDesiredCapacity"],
  limits: atMost("InstanceIds", 20),
  kind: "modify",
  request: (input, world) => ({
    action: "autoscaling:DetachInstances",
    resources: [{ arn: groupOf(input.AutoScalingGroupName, world).spec.arn, context: {} }],
  }),
  run: (input, world) => {
    const group = groupOf(input.AutoScalingGroupName, world);
    for (const id of input.InstanceIds ?? []) {
      const member = group.members.get(id);
      if (member === undefined)
        throw new ApiError(
          "ValidationError",
          `The instance ${id} is not part of Auto Scaling group ${group.spec.name}.`,
        );
      if (member.lifecycleState !== "InService")
        throw new ApiError("ValidationError", `The instance ${id} is not in InService.`);
    }
    for (const id of input.InstanceIds ?? []) group.detach(id, input.ShouldDecrementDesiredCapacity ?? false);
    return { Activities: [] };
  },
};

export const autoScaling: Readonly<Record<string, Operation>> = {
  DescribeAutoScalingInstances: describeAutoScalingInstances,
  DescribeAutoScalingGroups: describeAutoScalingGroups,
  DetachInstances: detachInstances,
};
