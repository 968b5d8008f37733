/** Instance refreshes, which moto answers with an error, and what it leaves out about launch templates. */
import type * as autoScaling from "@aws-sdk/client-auto-scaling";
import type * as ec2 from "@aws-sdk/client-ec2";
import { ApiError } from "../../../rehearsal/api/operation";
import type { Stub } from "./motoGaps";

const PARAMETER = "resolve:ssm:";
/** The AMI that every parameter stands for: one of moto's own. */
export const CURRENT_AMI = "ami-760aaa0f";

/** By IAM action; the refreshes that were started are forgotten with the next call of this. */
export function refreshGaps(): Readonly<Record<string, Stub>> {
  const started: autoScaling.InstanceRefresh[] = [];
  const active = () => started.find(({ Status }) => Status === "InProgress");
  return {
    "autoscaling:StartInstanceRefresh": (input: autoScaling.StartInstanceRefreshType) => {
      if (active()) throw new ApiError("InstanceRefreshInProgress", "An Instance Refresh is already in progress");
      const InstanceRefreshId = `refresh-${started.length + 1}`;
      const { AutoScalingGroupName, DesiredConfiguration } = input;
      started.unshift({ InstanceRefreshId, AutoScalingGroupName, Status: "InProgress", DesiredConfiguration });
      return Promise.resolve({ InstanceRefreshId });
    },
    "autoscaling:DescribeInstanceRefreshes": () => Promise.resolve({ InstanceRefreshes: started }),
    "autoscaling:CancelInstanceRefresh": () => {
      const refresh = active();
      if (!refresh) throw new ApiError("ActiveInstanceRefreshNotFound", "No in progress Instance Refresh found");
      refresh.Status = "Cancelled";
      return Promise.resolve({ InstanceRefreshId: refresh.InstanceRefreshId });
    },
    // moto knows no parameters, and takes no notice of ResolveAlias.
    "ec2:DescribeLaunchTemplateVersions": async (input: ec2.DescribeLaunchTemplateVersionsRequest, moto) => {
      const { ResolveAlias, ...rest } = input;
      const { LaunchTemplateVersions = [] } = await moto.ec2.describeLaunchTemplateVersions(rest);
      if (ResolveAlias !== true) return { LaunchTemplateVersions };
      return { LaunchTemplateVersions: LaunchTemplateVersions.map(resolved) };
    },
  };
}

function resolved(version: ec2.LaunchTemplateVersion): ec2.LaunchTemplateVersion {
  const { ImageId = "", ...rest } = version.LaunchTemplateData ?? {};
  return {
    ...version,
    LaunchTemplateData: { ...rest, ImageId: ImageId.startsWith(PARAMETER) ? CURRENT_AMI : ImageId },
  };
}
