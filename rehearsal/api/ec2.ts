/** EC2's API as far as the functions call it. */
import type * as sdk from "@aws-sdk/client-ec2";
import { dateOf } from "../world/context";
import type { Instance } from "../world/ec2/instance";
import { launchTemplates } from "./ec2/launchTemplates";
import { anywhere, ApiError, atMost, paged, type Operation } from "./operation";

/** BOTO DescribeInstances: 5 to 1,000 a page. */
const INSTANCES_PAGE = { byDefault: 1000, most: 1000 };
/** EC2 user guide, Using_Filtering: values of a filter. */
const FILTER_LIMIT = 200;

/** By ids, given as a filter; an instance that EC2 has forgotten is left out. */
const describeInstances: Operation<sdk.DescribeInstancesCommandInput> = {
  requires: ["Filters"],
  limits: ({ Filters = [] }) => {
    const other = Filters.find(({ Name }) => Name !== "instance-id");
    if (other !== undefined) return `the filter ${other.Name} isn't modelled: instance-id is`;
    return Filters.map(atMost("Values", FILTER_LIMIT)).find((problem) => problem !== undefined);
  },
  kind: "read",
  request: () => ({ action: "ec2:DescribeInstances", resources: anywhere }),
  run: (input, world) => {
    const ids = new Set((input.Filters ?? []).flatMap(({ Values = [] }) => Values));
    const found = [...ids].flatMap((id) => world.ec2.visible(id) ?? []);
    const { items, next } = paged(found, input.NextToken, input.MaxResults, INSTANCES_PAGE);
    return { Reservations: [{ Instances: items.map(describeInstance) }], NextToken: next };
  },
};

function describeInstance(instance: Instance): sdk.Instance {
  const { id, imageId, instanceType, availabilityZone, lifecycle, state, launchedAt } = instance;
  return {
    InstanceId: id,
    ImageId: imageId,
    InstanceType: instanceType as sdk._InstanceType,
    Placement: { AvailabilityZone: availabilityZone },
    State: { Name: state },
    LaunchTime: dateOf(launchedAt),
    ...(lifecycle === "spot" && { InstanceLifecycle: "spot" }),
  };
}

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
