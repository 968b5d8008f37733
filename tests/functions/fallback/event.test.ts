import { expect } from "chai";
import fc from "fast-check";
import { parseEvent } from "../../../functions/fallback/event";
import { causeOf } from "../../../functions/fallback/launchFailures";
import { launchFailed, NO_SPOT, NO_VCPU, NOW, sweep } from "./livingGroup";

const parsed = (body: unknown): unknown => parseEvent(body, "shop-group", NOW);

describe("what the fallback function hears", () => {
  it("is a launch of its group that failed, when and why", () => {
    expect(parsed(launchFailed(NO_SPOT, NOW - 1000))).to.deep.equal({
      kind: "launchFailed",
      at: NOW - 1000,
      message: NO_SPOT,
    });
  });

  it("never lies in the future", () => {
    expect(parsed(launchFailed(NO_SPOT, NOW + 60_000))).to.include({ at: NOW });
  });

  it("is its schedule, unless a later one has come", () => {
    expect(parsed(sweep(NOW - 1000))).to.deep.equal({ kind: "sweep" });
    expect(parsed(sweep(NOW - 61_000))).to.include({ kind: "ignored" });
  });

  it("ignores all else with a reason, whatever it is", () => {
    const anything = fc.oneof(fc.string(), fc.json(), fc.constant(undefined));
    fc.assert(
      fc.property(anything, (body) => {
        expect(parsed(body)).to.include({ kind: "ignored" });
      }),
    );
    const event = { "detail-type": "EC2 Instance Launch Unsuccessful", source: "aws.autoscaling" };
    for (const [more, reason] of [
      [{ detail: { AutoScalingGroupName: "other" } }, "a launch of another group"],
      [{ detail: { AutoScalingGroupName: "shop-group" } }, "a failed launch without a time"],
      [
        { time: "2026-01-01T00:00:00Z", detail: { AutoScalingGroupName: "shop-group" } },
        "a failed launch without a reason",
      ],
    ] as const)
      expect(parsed(JSON.stringify({ ...event, ...more }))).to.deep.equal({ kind: "ignored", reason });
  });
});

describe("why a launch failed", () => {
  for (const [message, cause] of [
    [NO_SPOT, "spotCapacity"],
    [
      "Could not launch Spot Instances. UnfulfillableCapacity - Unable to fulfill capacity due to your request configuration.",
      "spotCapacity",
    ],
    ["Could not launch Spot Instances. SpotMaxPriceTooLow - Your Spot request price of 0.01 is lower", "spotCapacity"],
    ["Could not launch Spot Instances. MaxSpotInstanceCountExceeded - Max spot instance count exceeded", "spotQuota"],
    ["Max spot instance count exceeded. Launching EC2 instance failed.", "spotQuota"],
    [NO_VCPU, "onDemandQuota"],
    [
      "You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket",
      "onDemandQuota",
    ],
    [
      "Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have sufficient m5.large capacity",
      "onDemandCapacity",
    ],
    [
      "Could not launch Spot Instances. InvalidFleetConfiguration - Your requested instance type is not supported",
      undefined,
    ],
    ["Could not launch On-Demand Instances. UnauthorizedOperation - You are not authorized", undefined],
    ["", undefined],
  ] as const) {
    it(`is ${cause ?? "nothing that another kind of instance would mend"}: ${message.slice(0, 80)}`, () => {
      expect(causeOf(message)).to.equal(cause);
    });
  }
});
