import { expect } from "chai";
import {
  areTasksMoving,
  isDeploying,
  isDraining,
  isReturning,
  isShort,
  isStoodInFor,
  isUnderWay,
} from "../../functions/goesOn";

const TIME = "2026-01-01T00:00:00.000Z";

describe("what goes on in a cluster", () => {
  it("is a drain until the instance is empty", () => {
    const holding = (held: number) => ({
      registeredResources: [{ name: "CPU", integerValue: 2048 }],
      remainingResources: [{ name: "CPU", integerValue: 2048 - held }],
    });
    expect(isDraining({ status: "ACTIVE", ...holding(256) })).to.equal(false);
    expect(isDraining({ status: "DRAINING", ...holding(256) })).to.equal(true);
    expect(isDraining({ status: "DRAINING", ...holding(0) })).to.equal(false);
  });

  it("is a deployment where there are two, or one that has not ended", () => {
    const first = { rolloutState: "COMPLETED" } as const;
    expect(isDeploying({ deployments: [first] })).to.equal(false);
    expect(isDeploying({ deployments: [{ rolloutState: "IN_PROGRESS" }] })).to.equal(true);
    expect(isDeploying({ deployments: [first, first] })).to.equal(true);
  });

  it("is a shortage where fewer tasks run than are wanted, but for daemons", () => {
    expect(isShort({ runningCount: 2, desiredCount: 2 })).to.equal(false);
    expect(isShort({ runningCount: 1, desiredCount: 2 })).to.equal(true);
    expect(isShort({ runningCount: 1, desiredCount: 2, schedulingStrategy: "DAEMON" })).to.equal(false);
  });

  it("is a refresh until it has ended in any way", () => {
    expect(
      ["Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress"].every((Status) => isUnderWay({ Status })),
    ).to.equal(true);
    expect(
      ["Successful", "Failed", "Cancelled", "RollbackSuccessful"].some((Status) => isUnderWay({ Status })),
    ).to.equal(false);
  });

  it("is moving while a service runs more tasks for it, and not while it rests", () => {
    expect(areTasksMoving([{ Key: "spotproof:rebalance:api", Value: `2 3 ${TIME}` }])).to.equal(true);
    expect(areTasksMoving([{ Key: "spotproof:rebalance:api", Value: `0 0 ${TIME}` }])).to.equal(false);
    expect(areTasksMoving([{ Key: "Name", Value: `2 3 ${TIME}` }])).to.equal(false);
  });

  it("is standing in for Spot while the group is marked so", () => {
    expect(isStoodInFor([{ Key: "spotproof:fallback", Value: `1 ${TIME}` }])).to.equal(true);
    expect(isStoodInFor([{ Key: "Name", Value: "shop" }])).to.equal(false);
  });

  it("is a return to Spot while the group names the instance that is being replaced", () => {
    const value = `1 ${TIME} wait=10 until=${TIME}`;
    expect(isReturning([{ Key: "spotproof:fallback", Value: `${value} detached=i-0123456789abcdef0` }])).to.equal(true);
    expect(isReturning([{ Key: "spotproof:fallback", Value: value }])).to.equal(false);
    expect(isReturning([{ Key: "Name", Value: "detached=i-0123456789abcdef0" }])).to.equal(false);
  });
});
