import { expect } from "chai";
import { instanceWeights } from "../../../policies/rules/instanceWeights";
import { violations } from "../support/said";
import { spotCapacity } from "../support/stacks";

const withGroup = (path: string, value: unknown) => {
  const parts = spotCapacity();
  parts.group.set(path, value);
  return parts;
};

const OVERRIDES = "mixedInstancesPolicy.launchTemplate.overrides";

describe("instance-weights", () => {
  const weighted = () =>
    withGroup(OVERRIDES, [{ instanceType: "m5.large", weightedCapacity: "2" }, { instanceType: "m5a.large" }]);

  it("has nothing against types without weights", () => {
    expect(violations(instanceWeights, spotCapacity())).to.deep.equal([]);
  });

  it("advises against weights under managed scaling", () => {
    expect(violations(instanceWeights, weighted())).to.deep.equal([
      'autoscaling.Group "nodes": its instance types have weights (m5.large 2) under managed scaling; allowed: none; remove weightedCapacity from every override.',
    ]);
  });

  it("has nothing against them where ECS doesn't scale", () => {
    const parts = weighted();
    parts.provider.set("autoScalingGroupProvider.managedScaling.status", "DISABLED");
    expect(violations(instanceWeights, parts)).to.deep.equal([]);
  });
});
