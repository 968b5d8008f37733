import { expect } from "chai";
import { allocationStrategy } from "../../../policies/rules/allocationStrategy";
import { violations } from "../support/said";
import { spotCapacity, TYPE } from "../support/stacks";

const withGroup = (path: string, value: unknown) => {
  const parts = spotCapacity();
  parts.group.set(path, value);
  return parts;
};

const STRATEGY = "mixedInstancesPolicy.instancesDistribution.spotAllocationStrategy";

describe("allocation-strategy", () => {
  it("has nothing against a strategy that looks at capacity", () => {
    expect(violations(allocationStrategy, spotCapacity())).to.deep.equal([]);
  });

  it("advises against the lowest price", () => {
    expect(violations(allocationStrategy, withGroup(STRATEGY, "lowest-price"))).to.deep.equal([
      'autoscaling.Group "nodes": mixedInstancesPolicy.instancesDistribution.spotAllocationStrategy is lowest-price; allowed: a strategy that looks at capacity; set it to "price-capacity-optimized".',
    ]);
  });

  it("knows AWS's default", () => {
    expect(violations(allocationStrategy, withGroup(STRATEGY, undefined))[0]).to.include(
      "is left out, which is lowest-price",
    );
  });

  it("knows the names that fleets have for it", () => {
    const parts = spotCapacity();
    parts.stack.add(TYPE.spotFleet, "fleet", {
      iamFleetRole: "role",
      allocationStrategy: "lowestPrice",
      launchTemplateConfigs: [{ launchTemplateSpecification: { id: parts.template.ref("id") } }],
    });
    parts.stack.add(TYPE.fleet, "other", {
      targetCapacitySpecification: { defaultTargetCapacityType: "on-demand", spotTargetCapacity: 2 },
      launchTemplateConfigs: [{ launchTemplateSpecification: { launchTemplateName: parts.template.ref("name") } }],
    });
    expect(violations(allocationStrategy, parts)).to.deep.equal([
      'ec2.SpotFleetRequest "fleet": allocationStrategy is lowestPrice; allowed: a strategy that looks at capacity; set it to "price-capacity-optimized".',
      'ec2.Fleet "other": spotOptions.allocationStrategy is left out, which is lowest-price; allowed: a strategy that looks at capacity; set it to "price-capacity-optimized".',
    ]);
  });

  it("changes the strategy of a group with Spot, and of no other", () => {
    const { remediate } = allocationStrategy.remediation!;
    const group = (distribution: object) => ({ mixedInstancesPolicy: { instancesDistribution: distribution } });
    const cheap = group({ onDemandPercentageAboveBaseCapacity: 20, spotInstancePools: 2 });
    expect(remediate(cheap)).to.be.true;
    expect(cheap.mixedInstancesPolicy.instancesDistribution).to.deep.equal({
      onDemandPercentageAboveBaseCapacity: 20,
      spotAllocationStrategy: "price-capacity-optimized",
      spotInstancePools: 0,
    });
    expect(remediate(cheap)).to.be.false;
    expect(remediate(group({}))).to.be.false;
    expect(remediate({})).to.be.false;
  });
});
