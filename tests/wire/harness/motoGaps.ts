/** What moto 5.2 can't do, done here on top of what it can: filters, pages, refusals, what runs without moto's doing. */
import type * as autoScaling from "@aws-sdk/client-auto-scaling";
import type * as ecs from "@aws-sdk/client-ecs";
import { ARNS_PAGE } from "../../../rehearsal/api/ecs/common";
import { ApiError, paged } from "../../../rehearsal/api/operation";
import type { Clients } from "./clients";
import { hintGaps } from "./motoHints";
import { refreshGaps } from "./motoRefreshes";
import { serviceGaps } from "./motoServices";
import { targetGaps } from "./motoTargets";
import { TaskGroups, taskGaps } from "./motoTasks";

/** Answers a call in AWS's place; `moto` is asked directly. */
// Each names the input of its own operation, which the table of all can't.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Stub = (input: any, moto: Clients) => Promise<object>;

/** By IAM action; the state that they keep begins anew with every call of this. */
export function motoGaps(): Map<string, Stub> {
  const groups = new TaskGroups();
  const others: Readonly<Record<string, Stub>> = {
    "autoscaling:DescribeInstanceRefreshes": () => Promise.resolve({ InstanceRefreshes: [] }),
    "autoscaling:DetachInstances": detachInstances,
    "autoscaling:UpdateAutoScalingGroup": updateAutoScalingGroup,
    "ecs:ListContainerInstances": listContainerInstances,
  };
  const gaps = {
    ...others,
    ...serviceGaps(groups),
    ...taskGaps(groups),
    ...targetGaps(),
    ...hintGaps(),
    ...refreshGaps(),
  };
  return new Map(Object.entries(gaps));
}

/** moto wants the launch template of a mixed instances policy with every update of it. */
async function updateAutoScalingGroup(input: autoScaling.UpdateAutoScalingGroupType, moto: Clients): Promise<object> {
  const AutoScalingGroupNames = [input.AutoScalingGroupName ?? ""];
  const { AutoScalingGroups = [] } = await moto.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames });
  const { LaunchTemplate } = AutoScalingGroups[0]?.MixedInstancesPolicy ?? {};
  // It tells both the id and the name, and takes one of them.
  const { LaunchTemplateName, Version } = LaunchTemplate?.LaunchTemplateSpecification ?? {};
  const known = { ...LaunchTemplate, LaunchTemplateSpecification: { LaunchTemplateName, Version } };
  const MixedInstancesPolicy = { LaunchTemplate: known, ...input.MixedInstancesPolicy };
  await moto.autoScaling.updateAutoScalingGroup({ ...input, MixedInstancesPolicy });
  return {};
}

/** moto detaches what is no member, too. */
async function detachInstances(input: autoScaling.DetachInstancesQuery, moto: Clients): Promise<object> {
  const { AutoScalingGroupName: group, InstanceIds = [] } = input;
  const { AutoScalingInstances = [] } = await moto.autoScaling.describeAutoScalingInstances({ InstanceIds });
  const own = AutoScalingInstances.filter((each) => each.AutoScalingGroupName === group).map((each) => each.InstanceId);
  const stranger = InstanceIds.find((id) => !own.includes(id));
  if (stranger !== undefined) {
    throw new ApiError("ValidationError", `The instance ${stranger} is not part of Auto Scaling group ${group}.`);
  }
  const { Activities } = await moto.autoScaling.detachInstances(input);
  return { Activities };
}

/** moto takes no notice of the filter and gives everything at once. */
async function listContainerInstances(
  { filter, nextToken, maxResults, ...which }: ecs.ListContainerInstancesRequest,
  moto: Clients,
): Promise<object> {
  const { containerInstanceArns: all = [] } = await moto.ecs.listContainerInstances(which);
  const wanted = filter === undefined ? all : await filtered(all, filter, which.cluster, moto);
  const { items, next } = paged(wanted, nextToken, maxResults, ARNS_PAGE);
  return { containerInstanceArns: items, nextToken: next };
}

async function filtered(
  arns: readonly string[],
  filter: string,
  cluster: string | undefined,
  moto: Clients,
): Promise<string[]> {
  const instanceId = /^ec2InstanceId == (i-[0-9a-f]+)$/.exec(filter)?.[1];
  if (instanceId === undefined) throw new ApiError("InvalidParameterException", `Invalid filter: ${filter}`);
  if (arns.length === 0) return [];
  const { containerInstances = [] } = await moto.ecs.describeContainerInstances({
    cluster,
    containerInstances: [...arns],
  });
  return containerInstances
    .filter((each) => each.ec2InstanceId === instanceId)
    .flatMap((each) => each.containerInstanceArn ?? []);
}
