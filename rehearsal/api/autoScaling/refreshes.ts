/** EC2 Auto Scaling's operations on instance refreshes. */
import type * as sdk from "@aws-sdk/client-auto-scaling";
import { anywhere, type Operation } from "../operation";
import { groupOf } from "./groups";

/** Nothing of the program begins any. */
const describeInstanceRefreshes: Operation<sdk.DescribeInstanceRefreshesCommandInput> = {
  requires: ["AutoScalingGroupName"],
  kind: "read",
  request: () => ({ action: "autoscaling:DescribeInstanceRefreshes", resources: anywhere }),
  run: (input, world) => {
    groupOf(input.AutoScalingGroupName, world);
    return { InstanceRefreshes: [] };
  },
};

export const refreshes: Readonly<Record<string, Operation>> = { DescribeInstanceRefreshes: describeInstanceRefreshes };
