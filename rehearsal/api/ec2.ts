/** EC2's API as far as the functions call it. */
import type * as sdk from "@aws-sdk/client-ec2";
import { ApiError, type Operation } from "./operation";

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

export const ec2: Readonly<Record<string, Operation>> = { TerminateInstances: terminateInstances };
