import { expect } from "chai";
import { EPOCH_MS } from "../../../rehearsal/world/constants";
import { makeStage, MINUTE, later } from "../world/support";
import { caller, errorOf } from "./caller";

const NAME = { AutoScalingGroupName: "group" };
const policy = (InstancesDistribution: object) => ({ ...NAME, MixedInstancesPolicy: { InstancesDistribution } });
const DISTRIBUTION = { OnDemandPercentageAboveBaseCapacity: 0, SpotAllocationStrategy: "price-capacity-optimized" };

describe("API: how a group launches", () => {
  it("tells the group's distribution, and launches by another one once that is given", async () => {
    const stage = await makeStage();
    const call = caller(stage);
    const group = stage.world.groups.get("group")!;
    await call("auto-scaling", "UpdateAutoScalingGroup", policy({ ...DISTRIBUTION, OnDemandBaseCapacity: 3 }));
    const { output } = await call("auto-scaling", "DescribeAutoScalingGroups", { AutoScalingGroupNames: ["group"] });
    const [described] = output!.AutoScalingGroups as { MixedInstancesPolicy: { InstancesDistribution: object } }[];
    expect(described!.MixedInstancesPolicy.InstancesDistribution).to.deep.equal({
      ...DISTRIBUTION,
      OnDemandBaseCapacity: 3,
    });
    const before = group.members.size;
    group.setDesiredCapacity(before + 3);
    await later(stage.world, MINUTE);
    const lifecycles = [...group.members.values()].map(({ instance }) => instance.lifecycle);
    expect(lifecycles.slice(before)).to.deep.equal(["on-demand", "on-demand", "on-demand"]);
    expect(lifecycles.slice(0, before)).to.not.include("on-demand");
  });

  it("takes AWS's defaults for what a distribution leaves out, which are all on demand", async () => {
    const stage = await makeStage();
    await caller(stage)("auto-scaling", "UpdateAutoScalingGroup", policy({ OnDemandBaseCapacity: 1 }));
    expect(stage.world.groups.get("group")!.spec).to.include({
      onDemandPercentageAboveBaseCapacity: 100,
      spotAllocationStrategy: "lowest-price",
    });
  });

  it("changes nothing else here, and says so", async () => {
    const call = caller(await makeStage());
    expect(await errorOf(call("auto-scaling", "UpdateAutoScalingGroup", { ...NAME, MinSize: 2 }))).to.equal(
      "ValidationError",
    );
  });

  it("may be allowed without the group's sizes", async () => {
    const stage = await makeStage();
    const Condition = { Null: { "autoscaling:MinSize": "true", "autoscaling:MaxSize": "true" } };
    const call = caller(stage, [
      { Effect: "Allow", Action: "autoscaling:UpdateAutoScalingGroup", Resource: "*", Condition },
    ]);
    const change = policy({ ...DISTRIBUTION, OnDemandBaseCapacity: 1 });
    expect(await errorOf(call("auto-scaling", "UpdateAutoScalingGroup", change))).to.equal(undefined);
    expect(await errorOf(call("auto-scaling", "UpdateAutoScalingGroup", { ...change, MaxSize: 9 }))).to.equal(
      "AccessDeniedException",
    );
  });

  it("tells what became of its launches, the latest first", async () => {
    const stage = await makeStage();
    const call = caller(stage);
    const group = stage.world.groups.get("group")!;
    stage.world.ec2.market.limit({}, 0);
    group.setDesiredCapacity(group.desiredCapacity + 1);
    await later(stage.world, MINUTE / 2);
    const { output } = await call("auto-scaling", "DescribeScalingActivities", { ...NAME, MaxRecords: 2 });
    const [failed, earlier] = output!.Activities as { StatusCode: string; StatusMessage?: string; EndTime: Date }[];
    expect(failed!.EndTime.getTime()).to.be.within(EPOCH_MS, EPOCH_MS + stage.world.clock.now);
    expect(failed).to.deep.include({ StatusCode: "Failed", AutoScalingGroupName: "group" });
    expect(failed!.StatusMessage).to.match(/^Could not launch Spot Instances\. UnfulfillableCapacity/);
    expect(earlier!.StatusCode).to.equal("Successful");
  });
});

describe("API: EC2's instances", () => {
  it("tell their kind and state, and leave out those that nobody knows", async () => {
    const stage = await makeStage();
    const [id] = stage.world.ec2.living.keys();
    const Filters = [{ Name: "instance-id", Values: [id, "i-00000000"] }];
    const { output } = await caller(stage)("ec2", "DescribeInstances", { Filters });
    const [{ Instances }] = output!.Reservations as [{ Instances: object[] }];
    expect(Instances).to.have.lengthOf(1);
    expect(Instances[0]).to.deep.include({ InstanceId: id, InstanceLifecycle: "spot", State: { Name: "running" } });
  });

  it("are asked for by no other filter here", async () => {
    const call = caller(await makeStage());
    const Filters = [{ Name: "tag:Name", Values: ["shop"] }];
    expect(await errorOf(call("ec2", "DescribeInstances", { Filters }))).to.equal("InvalidParameterException");
  });
});
