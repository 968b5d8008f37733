import { expect } from "chai";
import { zoneRebalancing } from "../../../policies/rules/zoneRebalancing";
import { LATER } from "../support/declared";
import { violations, undecided } from "../support/said";
import { webStack } from "../support/stacks";

describe("zone-rebalancing", () => {
  const placed = (rebalancing: unknown, ...types: string[]) => {
    const parts = webStack();
    parts.service.set("availabilityZoneRebalancing", rebalancing);
    parts.service.set(
      "orderedPlacementStrategies",
      types.map((type) => ({ type, field: "memory" })),
    );
    return parts;
  };

  it("has nothing against binpacking alone, nor after a spread", () => {
    expect(violations(zoneRebalancing, placed("DISABLED", "binpack"))).to.deep.equal([]);
    expect(violations(zoneRebalancing, placed(undefined, "binpack"))).to.deep.equal([]);
    expect(violations(zoneRebalancing, placed("ENABLED", "spread", "binpack"))).to.deep.equal([]);
    expect(violations(zoneRebalancing, placed("ENABLED"))).to.deep.equal([]);
  });

  it("advises against binpacking first", () => {
    expect(violations(zoneRebalancing, placed("ENABLED", "binpack"))).to.deep.equal([
      'ecs.Service "web": availabilityZoneRebalancing is ENABLED, and the first placement strategy is binpack; allowed: a spread over zones first; put {type: "spread", field: "attribute:ecs.availability-zone"} first, or set availabilityZoneRebalancing to "DISABLED".',
    ]);
  });

  it("can't tell with a switch that isn't known yet", () => {
    expect(undecided(zoneRebalancing, placed(LATER, "binpack"))).to.have.length(1);
    expect(undecided(zoneRebalancing, placed(LATER, "spread"))).to.have.length(1);
  });
});
