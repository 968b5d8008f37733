import { expect } from "chai";
import { terminationProtection } from "../../../policies/rules/terminationProtection";
import { violations, undecided } from "../support/said";
import { spotCapacity } from "../support/stacks";

const withGroup = (path: string, value: unknown) => {
  const parts = spotCapacity();
  parts.group.set(path, value);
  return parts;
};

describe("termination-protection", () => {
  const MANAGED = "autoScalingGroupProvider.managedTerminationProtection";

  it("has nothing against neither, nor against both", () => {
    expect(violations(terminationProtection, spotCapacity())).to.deep.equal([]);
    const parts = withGroup("protectFromScaleIn", true);
    parts.provider.set(MANAGED, "ENABLED");
    expect(violations(terminationProtection, parts)).to.deep.equal([]);
  });

  it("advises against protection that nothing lifts", () => {
    expect(violations(terminationProtection, withGroup("protectFromScaleIn", true))).to.deep.equal([
      'autoscaling.Group "nodes": protectFromScaleIn is on, and managedTerminationProtection isn\'t on ecs.CapacityProvider "spot": nothing lifts the protection, so that the group never gets smaller; allowed: both or neither; set managedTerminationProtection to "ENABLED", or protectFromScaleIn to false.',
    ]);
  });

  it("advises against managed protection of what isn't protected", () => {
    const parts = spotCapacity();
    parts.provider.set(MANAGED, "ENABLED");
    expect(violations(terminationProtection, parts)).to.deep.equal([
      'autoscaling.Group "nodes": managedTerminationProtection is ENABLED on ecs.CapacityProvider "spot", and protectFromScaleIn is off: ECS refuses such a provider; allowed: both or neither; set protectFromScaleIn to true.',
    ]);
  });

  it("can't tell what a provider of another stack lifts", () => {
    const parts = withGroup("protectFromScaleIn", true);
    parts.stack.remove(parts.provider, parts.association);
    expect(undecided(terminationProtection, parts)).to.deep.equal([
      'autoscaling.Group "nodes": protectFromScaleIn is on, and no capacity provider of this stack has the group and could lift it.',
    ]);
  });
});
