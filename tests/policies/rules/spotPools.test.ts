import { expect } from "chai";
import { spotPools } from "../../../policies/rules/spotPools";
import { violations } from "../support/said";
import { spotCapacity } from "../support/stacks";

const withGroup = (path: string, value: unknown) => {
  const parts = spotCapacity();
  parts.group.set(path, value);
  return parts;
};

const OVERRIDES = "mixedInstancesPolicy.launchTemplate.overrides";

describe("spot-pools", () => {
  it("has nothing against three types in two zones", () => {
    expect(violations(spotPools, spotCapacity())).to.deep.equal([]);
  });

  it("advises against fewer than three", () => {
    expect(violations(spotPools, withGroup(OVERRIDES, [{ instanceType: "m5.large" }]))).to.deep.equal([
      'autoscaling.Group "nodes": 1 instance type × 2 zones make 2 Spot pools; allowed: at least 3; name more instance types of the same size in the overrides, or choose them with instanceRequirements.',
    ]);
  });

  it("takes the template's type where no override names any", () => {
    expect(violations(spotPools, withGroup(OVERRIDES, undefined))[0]).to.include("1 instance type ×");
  });

  it("wants as many as are configured", () => {
    expect(violations(spotPools, spotCapacity(), { minimumPools: 7 })).to.have.length(1);
  });
});
