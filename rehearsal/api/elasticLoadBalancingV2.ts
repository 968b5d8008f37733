/** Elastic Load Balancing's API as far as the functions call it. */
import type * as sdk from "@aws-sdk/client-elastic-load-balancing-v2";
import type { TargetGroup } from "../world/elb/targetGroup";
import type { World } from "../world/world";
import { anywhere, ApiError, type Operation } from "./operation";

function targetGroupOf(arn: string | undefined, world: World): TargetGroup {
  const targetGroup = world.targetGroups.get(arn ?? "");
  if (targetGroup === undefined) throw new ApiError("TargetGroupNotFoundException", `Target groups '${arn}' not found`);
  return targetGroup;
}

const describeTargetHealth: Operation<sdk.DescribeTargetHealthCommandInput> = {
  requires: ["TargetGroupArn"],
  kind: "read",
  request: () => ({ action: "elasticloadbalancing:DescribeTargetHealth", resources: anywhere }),
  run: (input, world, asOf) => {
    const registered = targetGroupOf(input.TargetGroupArn, world)
      .targetsAt(asOf)
      .map(({ target, health }) => describe(target.instanceId, target.port, health));
    if (input.Targets === undefined) return { TargetHealthDescriptions: registered };
    return {
      TargetHealthDescriptions: input.Targets.map(
        ({ Id, Port }) =>
          registered.find(({ Target }) => Target.Id === Id && (Port === undefined || Target.Port === Port)) ??
          describe(Id ?? "", Port ?? 0, "unused"),
      ),
    };
  },
};

const describe = (Id: string, Port: number, State: string) => ({ Target: { Id, Port }, TargetHealth: { State } });

const deregisterTargets: Operation<sdk.DeregisterTargetsCommandInput> = {
  requires: ["TargetGroupArn", "Targets"],
  kind: "modify",
  request: (input, world) => ({
    action: "elasticloadbalancing:DeregisterTargets",
    resources: [
      { arn: input.TargetGroupArn ?? "", context: tagsAsContext(targetGroupOf(input.TargetGroupArn, world)) },
    ],
  }),
  run: (input, world) => {
    const targetGroup = targetGroupOf(input.TargetGroupArn, world);
    for (const { Id, Port } of input.Targets ?? []) {
      // §2.6: without the port AWS answers 200 and a target on a dynamic port stays.
      if (Id !== undefined && Port !== undefined) targetGroup.deregister(Id, Port);
    }
    return {};
  },
};

function tagsAsContext(targetGroup: TargetGroup): Record<string, string> {
  return Object.fromEntries(
    Object.entries(targetGroup.spec.tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]),
  );
}

const registerTargets: Operation<sdk.RegisterTargetsCommandInput> = {
  requires: ["TargetGroupArn", "Targets"],
  kind: "modify",
  request: (input, world) => ({
    action: "elasticloadbalancing:RegisterTargets",
    resources: [
      { arn: input.TargetGroupArn ?? "", context: tagsAsContext(targetGroupOf(input.TargetGroupArn, world)) },
    ],
  }),
  run: (input, world) => {
    const targetGroup = targetGroupOf(input.TargetGroupArn, world);
    for (const { Id, Port } of input.Targets ?? []) {
      if (Id === undefined || Port === undefined) throw new ApiError("InvalidTarget", "Id and Port are needed.");
      targetGroup.register(Id, Port);
    }
    return {};
  },
};

export const elasticLoadBalancingV2: Readonly<Record<string, Operation>> = {
  DescribeTargetHealth: describeTargetHealth,
  DeregisterTargets: deregisterTargets,
  RegisterTargets: registerTargets,
};
