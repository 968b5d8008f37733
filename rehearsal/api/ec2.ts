/** EC2's API as far as the functions call it. */
import type * as sdk from "@aws-sdk/client-ec2";
import { launchTemplates } from "./ec2/launchTemplates";
import { anywhere, ApiError, paged, type Operation } from "./operation";

const INSTANCES_PAGE = { byDefault: 1000, most: 1000 };

/** By their ids, as a filter or not. */
const describeInstances: Operation<sdk.DescribeInstancesCommandInput> = {
  requires: [],
  kind: "read",
  request: () => ({ action: "ec2:DescribeInstances", resources: anywhere }),
  run: (input, world) => {
    const filtered = (input.Filters ?? []).flatMap(({ Name, Values = [] }) => {
      if (Name === "instance-id") return Values;
      throw new ApiError("InvalidParameterValue", `The filter '${Name}' is not modelled: instance-id is`);
    });
    const all = [...(input.InstanceIds ?? []), ...filtered].flatMap((id) => world.ec2.visible(id) ?? []);
    const { items, next } = paged(all, input.NextToken, input.MaxResults, INSTANCES_PAGE);
    const Instances = items.map(({ id, imageId, state, instanceType }) => ({
      InstanceId: id,
      ImageId: imageId,
      InstanceType: instanceType,
      State: { Name: state },
    }));
    return { Reservations: [{ Instances }], NextToken: next };
  },
};

const terminateInstances: Operation<sdk.TerminateInstancesCommandInput> = {
  requires: ["InstanceIds"],
  kind: "modify",
  request: (input, world) => ({
    action: "ec2:TerminateInstances",
    resources: (input.InstanceIds ?? []).map((id) => ({
      arn: `arn:aws:ec2:${world.options.region}:${world.options.account}:instance/${id}`,
      context: Object.fromEntries(
        Object.entries(world.ec2.visible(id)?.tags ?? {}).map(([key, value]) => [`aws:ResourceTag/${key}`, value]),
      ),
    })),
  }),
  run: (input, world) => {
    const ids = input.InstanceIds ?? [];
    const unknown = ids.find((id) => world.ec2.visible(id) === undefined);
    if (unknown !== undefined)
      throw new ApiError("InvalidInstanceID.NotFound", `The instance ID '${unknown}' does not exist`);
    for (const id of ids) world.ec2.terminate(id, "TerminateInstances");
    return { TerminatingInstances: ids.map((InstanceId) => ({ InstanceId })) };
  },
};

export const ec2: Readonly<Record<string, Operation>> = {
  DescribeInstances: describeInstances,
  TerminateInstances: terminateInstances,
  ...launchTemplates,
};
