import { expect } from "chai";
import { instanceReplaced } from "../../../policies/rules/instanceReplaced";
import { violations, undecided } from "../support/said";
import { handler, spotCapacity } from "../support/stacks";

const rebalanced = (capacityRebalance: unknown) => {
  const parts = spotCapacity();
  parts.group.set("capacityRebalance", capacityRebalance);
  return parts;
};

const DETACH = ["autoscaling:DetachInstances"];

describe("instance-replaced", () => {
  it("has nothing against capacity rebalancing", () => {
    expect(violations(instanceReplaced, rebalanced(true))).to.deep.equal([]);
  });

  it("has nothing against a function that detaches", () => {
    const parts = rebalanced(false);
    handler(parts.stack, DETACH, parts.group.ref("arn"));
    expect(violations(instanceReplaced, parts)).to.deep.equal([]);
  });

  it("advises against a group that nothing replaces, and says what it costs", () => {
    expect(violations(instanceReplaced, rebalanced(undefined))).to.deep.equal([
      'autoscaling.Group "nodes": nothing replaces an instance at its notice, so that capacity is missing from the interruption until the group sees it gone and another has booted; allowed: one thing that does; set capacityRebalance to true, or detach the instance in a function on the interruption warning.',
    ]);
  });

  it("can't tell what something outside the stack does with the notice", () => {
    const parts = rebalanced(false);
    const { target } = handler(parts.stack, DETACH);
    target!.set("arn", "arn:aws:lambda:eu-west-1:123456789012:function:other");
    expect(undecided(instanceReplaced, parts)).to.deep.equal([
      'autoscaling.Group "nodes": what cloudwatch.EventTarget "notices" does with a notice isn\'t in this stack.',
    ]);
  });

  it("hears of a rule by a prefix, by a wildcard and by the source alone", () => {
    for (const pattern of [
      { "detail-type": [{ prefix: "EC2 Spot" }] },
      { "detail-type": [{ wildcard: "*Interruption*" }] },
      { "detail-type": [{ "anything-but": "Scheduled Event" }] },
      { source: ["aws.ec2"] },
    ]) {
      const parts = rebalanced(false);
      handler(parts.stack, DETACH).rule!.set("eventPattern", JSON.stringify(pattern));
      expect(violations(instanceReplaced, parts), JSON.stringify(pattern)).to.deep.equal([]);
    }
  });
});
