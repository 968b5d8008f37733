/** Application Auto Scaling's API as far as the functions call it. */
import type * as sdk from "@aws-sdk/client-application-auto-scaling";
import { anywhere, ApiError, atMost, paged, type Operation } from "./operation";

/** BOTO DescribeScalableTargets: results a page, and resource ids a call. */
const TARGETS_PAGE = { byDefault: 50, most: 50 };
const MOST_RESOURCE_IDS = 50;

const describeScalableTargets: Operation<sdk.DescribeScalableTargetsCommandInput> = {
  requires: ["ServiceNamespace"],
  limits: atMost("ResourceIds", MOST_RESOURCE_IDS),
  kind: "read",
  request: () => ({ action: "application-autoscaling:DescribeScalableTargets", resources: anywhere }),
  run: ({ ServiceNamespace, ResourceIds, ScalableDimension, NextToken, MaxResults }, world) => {
    if (ScalableDimension !== undefined && ResourceIds === undefined) {
      throw new ApiError("ValidationException", "ScalableDimension needs ResourceIds.");
    }
    const isOther = ServiceNamespace !== "ecs" || (ScalableDimension ?? DIMENSION) !== DIMENSION;
    const all = isOther ? [] : [...world.scalableTargets.values()];
    const wanted = all.filter(({ spec }) => ResourceIds?.includes(spec.resourceId) ?? true);
    const { items, next } = paged(wanted, NextToken, MaxResults, TARGETS_PAGE);
    return {
      ScalableTargets: items.map(({ spec, minCapacity, maxCapacity }) => ({
        ServiceNamespace: "ecs",
        ResourceId: spec.resourceId,
        ScalableDimension: DIMENSION,
        ScalableTargetARN: spec.arn,
        MinCapacity: minCapacity,
        MaxCapacity: maxCapacity,
        SuspendedState: {
          DynamicScalingInSuspended: spec.suspended?.scaleIn ?? false,
          DynamicScalingOutSuspended: spec.suspended?.scaleOut ?? false,
          ScheduledScalingSuspended: spec.suspended?.schedules ?? false,
        },
      })),
      NextToken: next,
    };
  },
};

const DIMENSION = "ecs:service:DesiredCount";

export const applicationAutoScaling: Readonly<Record<string, Operation>> = {
  DescribeScalableTargets: describeScalableTargets,
};
