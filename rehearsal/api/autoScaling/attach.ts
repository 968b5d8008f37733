/** AttachInstances: an instance that runs outside every group joins one, which then wants one more. */
import type * as sdk from "@aws-sdk/client-auto-scaling";
import type { Group } from "../../world/autoScaling/group";
import type { Instance } from "../../world/ec2/instance";
import type { World } from "../../world/world";
import { ApiError, atMost, type Operation } from "../operation";
import { groupAsResource, groupOf } from "./groups";

const ATTACH_LIMIT = 20;

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachInstances.html */
export const attachInstances: Operation<sdk.AttachInstancesCommandInput> = {
  requires: ["AutoScalingGroupName"],
  limits: atMost("InstanceIds", ATTACH_LIMIT),
  kind: "modify",
  request: (input, world) => ({
    action: "autoscaling:AttachInstances",
    resources: [groupAsResource(groupOf(input.AutoScalingGroupName, world))],
  }),
  run: (input, world) => {
    const group = groupOf(input.AutoScalingGroupName, world);
    const instances = (input.InstanceIds ?? []).map((id) => attachable(id, group, world));
    checkMaximum(group, instances.length);
    for (const instance of instances) group.attach(instance);
    return {};
  },
};

/** It has to run, in a zone of the group's, and to be in no group. */
function attachable(id: string, { spec }: Group, world: World): Instance {
  const instance = world.ec2.living.get(id);
  if (instance === undefined) throw new ApiError("ValidationError", `Invalid Instance ID(s): [${id}] specified`);
  for (const { members, spec: other } of world.groups.values()) {
    if (!members.has(id)) continue;
    throw new ApiError("ValidationError", `Instance ${id} is already part of AutoScalingGroup:${other.name}.`);
  }
  if (instance.state !== "running" || !spec.availabilityZones.includes(instance.availabilityZone)) {
    throw new ApiError("ValidationError", `Instance ${id} is not in correct state, or in no zone of ${spec.name}.`);
  }
  return instance;
}

/** In AWS's words, as https://github.com/LeanerCloud/AutoSpotting/issues/407 quotes them. */
function checkMaximum({ spec, desiredCapacity }: Group, more: number): void {
  const { name, minSize, maxSize } = spec;
  if (desiredCapacity + more <= maxSize) return;
  throw new ApiError(
    "ValidationError",
    `AutoScalingGroup ${name} has min-size=${minSize}, max-size=${maxSize}, and desired-size=${desiredCapacity}. To attach ${more} instance, please update the AutoScalingGroup sizes appropriately.`,
  );
}
