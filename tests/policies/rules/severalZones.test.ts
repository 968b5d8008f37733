import { expect } from "chai";
import { severalZones } from "../../../policies/rules/severalZones";
import { LATER } from "../support/declared";
import { violations, undecided, undecidedInPreview } from "../support/said";
import { spotCapacity, TYPE } from "../support/stacks";

const withGroup = (path: string, value: unknown) => {
  const parts = spotCapacity();
  parts.group.set(path, value);
  return parts;
};

describe("several-zones", () => {
  it("has nothing against subnets that may be in two zones", () => {
    expect(violations(severalZones, spotCapacity())).to.deep.equal([]);
  });

  it("advises against one subnet", () => {
    expect(violations(severalZones, withGroup("vpcZoneIdentifiers", ["subnet-0a"]))).to.deep.equal([
      'autoscaling.Group "nodes": it spans one Availability Zone; allowed: at least 2; give it subnets in more zones with vpcZoneIdentifiers.',
    ]);
  });

  it("looks at the zones of the stack's own subnets, in a preview too", () => {
    for (const [zones, count] of [
      [["a", "a"], 1],
      [["a", "b"], 0],
    ] as const) {
      const parts = spotCapacity();
      const subnets = zones.map((zone, index) => parts.stack.add(TYPE.subnet, `s${index}`, { availabilityZone: zone }));
      parts.group.set(
        "vpcZoneIdentifiers",
        subnets.map((subnet) => subnet.ref("id")),
      );
      expect(violations(severalZones, parts)).to.have.length(count);
      expect(undecidedInPreview(severalZones, parts)).to.deep.equal([]);
    }
  });

  it("wants as many as are configured", () => {
    expect(violations(severalZones, spotCapacity(), { minimumZones: 3 })[0]).to.include("2 Availability Zones");
  });

  it("can't tell with subnets that aren't known yet", () => {
    expect(undecided(severalZones, withGroup("vpcZoneIdentifiers", LATER))).to.deep.equal([
      'autoscaling.Group "nodes": vpcZoneIdentifiers isn\'t known before the update.',
    ]);
  });
});
