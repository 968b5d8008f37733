/** Instance refreshes: none is modelled, so none is under way. */
import type * as sdk from "@aws-sdk/client-auto-scaling";
import { anywhere, type Operation } from "../operation";
import { groupOf } from "./groups";

export const describeInstanceRefreshes: Operation<sdk.DescribeInstanceRefreshesCommandInput> = {
  requires: ["AutoScalingGroupName"],
  kind: "read",
  request: () => ({ action: "autoscaling:DescribeInstanceRefreshes", resources: anywhere }),
  run: (input, world) => {
    groupOf(input.AutoScalingGroupName, world);
    return { InstanceRefreshes: [] };
  },
};
