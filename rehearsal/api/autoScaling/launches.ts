/** EC2 Auto Scaling's operations on how a group launches, and on what became of its launches. */
import type * as sdk from "@aws-sdk/client-auto-scaling";
import type { Group } from "../../world/autoScaling/group";
import { dateOf } from "../../world/context";
import { anywhere, ApiError, paged, type Operation } from "../operation";
import { groupAsResource, groupOf } from "./groups";

/** §5.7: activities of six weeks. */
const ACTIVITIES_PAGE = { byDefault: 100, most: 100 };

/** Undefined for a group of one kind of instance. */
export function describePolicy({ spec }: Group): sdk.MixedInstancesPolicy | undefined {
  if (!spec.hasMixedInstancesPolicy) return undefined;
  const { source, instanceTypes } = spec;
  const LaunchTemplate = source && {
    LaunchTemplateSpecification: { LaunchTemplateId: source.template.id, Version: String(source.version) },
    Overrides: instanceTypes.map((InstanceType) => ({ InstanceType })),
  };
  return {
    LaunchTemplate,
    InstancesDistribution: {
      OnDemandBaseCapacity: spec.onDemandBaseCapacity,
      OnDemandPercentageAboveBaseCapacity: spec.onDemandPercentageAboveBaseCapacity,
      SpotAllocationStrategy: spec.spotAllocationStrategy,
    },
  };
}

/** Only what a function changes is modelled: the distribution. */
const updateAutoScalingGroup: Operation<sdk.UpdateAutoScalingGroupCommandInput> = {
  requires: ["AutoScalingGroupName"],
  kind: "modify",
  request: ({ AutoScalingGroupName, MinSize, MaxSize }, world) => ({
    action: "autoscaling:UpdateAutoScalingGroup",
    resources: [
      groupAsResource(groupOf(AutoScalingGroupName, world), {
        ...(MinSize !== undefined && { "autoscaling:MinSize": String(MinSize) }),
        ...(MaxSize !== undefined && { "autoscaling:MaxSize": String(MaxSize) }),
      }),
    ],
  }),
  run: ({ AutoScalingGroupName, MixedInstancesPolicy, ...others }, world) => {
    const group = groupOf(AutoScalingGroupName, world);
    const { LaunchTemplate } = MixedInstancesPolicy ?? {};
    const unmodelled = Object.keys({ ...others, ...(LaunchTemplate && { LaunchTemplate }) });
    if (unmodelled.length > 0)
      throw new ApiError("ValidationError", `${unmodelled.join(", ")} of a group can't be changed in a rehearsal`);
    const distribution = MixedInstancesPolicy?.InstancesDistribution;
    if (distribution === undefined) return {};
    if (!group.spec.hasMixedInstancesPolicy)
      throw new ApiError("ValidationError", "You must use a valid fully-formed launch template.");
    // The API's defaults for what is left out.
    const { OnDemandBaseCapacity = 0, OnDemandPercentageAboveBaseCapacity = 100 } = distribution;
    const { SpotAllocationStrategy = "lowest-price" } = distribution;
    group.distribute({
      onDemandBaseCapacity: OnDemandBaseCapacity,
      onDemandPercentageAboveBaseCapacity: OnDemandPercentageAboveBaseCapacity,
      spotAllocationStrategy: SpotAllocationStrategy,
    });
    return {};
  },
};

const describeScalingActivities: Operation<sdk.DescribeScalingActivitiesCommandInput> = {
  requires: [],
  kind: "read",
  request: () => ({ action: "autoscaling:DescribeScalingActivities", resources: anywhere }),
  run: (input, world, asOf) => {
    const group = groupOf(input.AutoScalingGroupName, world);
    const all = group.activities.until(asOf).map(({ id, at, instanceId, message }) => ({
      ActivityId: String(id),
      AutoScalingGroupName: group.spec.name,
      Description: `Launching a new EC2 instance${instanceId === undefined ? "" : `: ${instanceId}`}`,
      Cause: "a difference between desired and actual capacity",
      StartTime: dateOf(at),
      EndTime: dateOf(at),
      StatusCode: instanceId === undefined ? "Failed" : "Successful",
      StatusMessage: message,
    }));
    const { items, next } = paged(all, input.NextToken, input.MaxRecords, ACTIVITIES_PAGE);
    return { Activities: items, NextToken: next };
  },
};

export const launches: Readonly<Record<string, Operation>> = {
  UpdateAutoScalingGroup: updateAutoScalingGroup,
  DescribeScalingActivities: describeScalingActivities,
};
