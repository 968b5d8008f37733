import { expect } from "chai";
import { replacedOnce } from "../../../policies/rules/replacedOnce";
import { LATER } from "../support/declared";
import { violations, undecided } from "../support/said";
import { allow, handler, spotCapacity, TYPE } from "../support/stacks";

const rebalanced = (capacityRebalance: unknown) => {
  const parts = spotCapacity();
  parts.group.set("capacityRebalance", capacityRebalance);
  return parts;
};

const DETACH = ["autoscaling:DetachInstances"];

describe("replaced-once", () => {
  it("has nothing against either alone", () => {
    expect(violations(replacedOnce, rebalanced(true))).to.deep.equal([]);
    const parts = rebalanced(false);
    handler(parts.stack, DETACH);
    expect(violations(replacedOnce, parts)).to.deep.equal([]);
  });

  it("advises against both", () => {
    const parts = rebalanced(true);
    handler(parts.stack, DETACH, parts.group.ref("arn"));
    expect(violations(replacedOnce, parts)).to.deep.equal([
      'autoscaling.Group "nodes": capacityRebalance is on, and a function on the interruption warning may take instances out of the group: each interruption launches two instances; allowed: one thing that replaces an instance; set capacityRebalance to false, or take that permission from the function.',
    ]);
  });

  it("doesn't ask about a function where the group doesn't rebalance", () => {
    const parts = rebalanced(false);
    handler(parts.stack, DETACH).role!.set("managedPolicyArns", ["arn:aws:iam::123456789012:policy/unseen"]);
    expect(undecided(replacedOnce, parts)).to.deep.equal([]);
  });

  it("can't tell what a policy of another stack allows", () => {
    const parts = rebalanced(true);
    const { role } = handler(parts.stack, ["ecs:StopTask"]);
    role!.set("managedPolicyArns", ["arn:aws:iam::123456789012:policy/unseen"]);
    expect(undecided(replacedOnce, parts)).to.deep.equal([
      'autoscaling.Group "nodes": what arn:aws:iam::123456789012:policy/unseen allows isn\'t in this stack.',
    ]);
  });

  it("reads a role's inline policies, and can't tell those that aren't known yet", () => {
    const parts = rebalanced(true);
    const { role } = handler(parts.stack, []);
    role!.set("inlinePolicies", [{ name: "own", policy: allow(DETACH, "*") }]);
    expect(violations(replacedOnce, parts)).to.have.length(1);
    role!.set("inlinePolicies", LATER);
    expect(undecided(replacedOnce, parts)).to.have.length(1);
  });

  it("takes no denial and no other action for a permission", () => {
    const parts = rebalanced(true);
    const { role } = handler(parts.stack, []);
    const statements = [
      { Effect: "Deny", Action: "autoscaling:*", Resource: "*" },
      { Effect: "Allow", NotAction: ["autoscaling:*"], Resource: "*" },
      { Effect: "Allow", Action: ["autoscaling:Describe*"], Resource: "*" },
    ];
    parts.stack.add(TYPE.rolePolicy, "more", {
      role: role!.ref("name"),
      policy: JSON.stringify({ Statement: statements }),
    });
    expect(violations(replacedOnce, parts)).to.deep.equal([]);
  });
});
