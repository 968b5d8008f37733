import { json } from "../../support/declared";
import { handler, spotCapacity, TYPE } from "../../support/stacks";
import { changed, type BadStack } from "../entry";

const DISTRIBUTION = "mixedInstancesPolicy.instancesDistribution";
const OVERRIDES = "mixedInstancesPolicy.launchTemplate.overrides";

export const POOR_CAPACITY: readonly BadStack[] = [
  {
    title: "nothing replaces an interrupted instance",
    rules: ["instance-replaced"],
    stack: changed(spotCapacity, ({ group }) => group.set("capacityRebalance", undefined)),
  },
  {
    title: "the function on the notice only stops tasks",
    rules: ["instance-replaced"],
    stack: changed(spotCapacity, ({ stack, group }) => {
      group.set("capacityRebalance", false);
      handler(stack, ["ecs:StopTask"]);
    }),
  },
  {
    title: "the rule that would call the function is disabled",
    rules: ["instance-replaced"],
    stack: changed(spotCapacity, ({ stack, group }) => {
      group.set("capacityRebalance", false);
      handler(stack, ["autoscaling:DetachInstances"]).rule!.set("state", "DISABLED");
    }),
  },
  {
    title: "the rule hears of another event",
    rules: ["instance-replaced"],
    stack: changed(spotCapacity, ({ stack, group }) => {
      group.set("capacityRebalance", false);
      const { rule } = handler(stack, ["autoscaling:DetachInstances"]);
      rule!.set(
        "eventPattern",
        json({ source: ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"] }),
      );
    }),
  },
  {
    title: "the function may detach from another group only",
    rules: ["instance-replaced"],
    stack: changed(spotCapacity, ({ stack, group }) => {
      group.set("capacityRebalance", false);
      const other = "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/other";
      handler(stack, ["autoscaling:DetachInstances"], other);
    }),
  },
  {
    title: "the group rebalances and a function detaches",
    rules: ["replaced-once"],
    stack: changed(spotCapacity, ({ stack, group }) => {
      handler(stack, ["autoscaling:DetachInstances"], group.ref("arn"));
    }),
  },
  {
    title: "the group rebalances and a function behind a queue ends instances, by an attached policy",
    rules: ["replaced-once"],
    stack: changed(spotCapacity, ({ stack }) => {
      const { role, rolePolicy, lambda, target } = handler(stack, []);
      const queue = stack.add(TYPE.queue, "notices", { redrivePolicy: json({ maxReceiveCount: 3 }) });
      target!.set("arn", queue.ref("arn"));
      stack.add(TYPE.mapping, "notices", { eventSourceArn: queue.ref("arn"), functionName: lambda!.ref("arn") });
      stack.remove(rolePolicy!);
      const policy = stack.add(TYPE.policy, "ends", {
        policy: json({ Statement: { Effect: "Allow", Action: "autoscaling:Terminate*", Resource: "*" } }),
      });
      stack.add(TYPE.attachment, "ends", { role: role!.ref("name"), policyArn: policy.ref("arn") });
    }),
  },
  {
    title: "the group rebalances and a function may do anything to groups",
    rules: ["replaced-once"],
    stack: changed(spotCapacity, ({ stack }) => {
      const { role, rolePolicy } = handler(stack, []);
      stack.remove(rolePolicy!);
      role!.set("managedPolicyArns", ["arn:aws:iam::aws:policy/AutoScalingFullAccess"]);
    }),
  },
  {
    title: "a group in one subnet",
    rules: ["several-zones"],
    stack: changed(spotCapacity, ({ group }) => group.set("vpcZoneIdentifiers", ["subnet-0a"])),
  },
  {
    title: "two subnets of one zone",
    rules: ["several-zones"],
    stack: changed(spotCapacity, ({ stack, group }) => {
      const subnets = ["one", "two"].map((name) => stack.add(TYPE.subnet, name, { availabilityZone: "eu-west-1a" }));
      group.set(
        "vpcZoneIdentifiers",
        subnets.map((subnet) => subnet.ref("id")),
      );
    }),
  },
  {
    title: "a group that names a single zone",
    rules: ["several-zones"],
    stack: changed(spotCapacity, ({ group }) => {
      group.set("vpcZoneIdentifiers", undefined);
      group.set("availabilityZones", ["eu-west-1a"]);
    }),
  },
  {
    title: "one instance type in two zones",
    rules: ["spot-pools"],
    stack: changed(spotCapacity, ({ group }) => group.set(OVERRIDES, [{ instanceType: "m5.large" }])),
  },
  {
    title: "the same instance type twice",
    rules: ["spot-pools"],
    stack: changed(spotCapacity, ({ group }) =>
      group.set(OVERRIDES, [{ instanceType: "m5.large" }, { instanceType: "m5.large" }]),
    ),
  },
  {
    title: "Spot by the lowest price",
    rules: ["allocation-strategy"],
    stack: changed(spotCapacity, ({ group }) => group.set(`${DISTRIBUTION}.spotAllocationStrategy`, "lowest-price")),
  },
  {
    title: "Spot by AWS's default, which is the lowest price",
    rules: ["allocation-strategy"],
    stack: changed(spotCapacity, ({ group }) => group.set(`${DISTRIBUTION}.spotAllocationStrategy`, undefined)),
  },
  {
    title: "an instance that nothing may end",
    rules: ["termination-protection"],
    stack: changed(spotCapacity, ({ group }) => group.set("protectFromScaleIn", true)),
  },
  {
    title: "managed termination protection of instances that aren't protected",
    rules: ["termination-protection"],
    stack: changed(spotCapacity, ({ provider }) =>
      provider.set("autoScalingGroupProvider.managedTerminationProtection", "ENABLED"),
    ),
  },
  {
    title: "weights under managed scaling, as the example of terraform-aws-ecs has them",
    rules: ["instance-weights"],
    stack: changed(spotCapacity, ({ group }) =>
      group.set(OVERRIDES, [
        { instanceType: "m4.large", weightedCapacity: "2" },
        { instanceType: "t3.large", weightedCapacity: "1" },
      ]),
    ),
  },
];
