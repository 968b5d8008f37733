import { expect } from "chai";
import { timeBudget as rule } from "../../../policies/rules/timeBudget";
import { LATER } from "../support/declared";
import { violations, undecided } from "../support/said";
import { webStack } from "../support/stacks";

const withTimes = (deregistrationDelay: unknown, stopTimeout: unknown) => {
  const parts = webStack();
  parts.targetGroup.set("deregistrationDelay", deregistrationDelay);
  parts.container.stopTimeout = stopTimeout;
  return parts;
};

describe("time-budget", () => {
  it("has nothing against times that fill the notice", () => {
    expect(violations(rule, withTimes(50, 60))).to.deep.equal([]);
  });

  it("refuses one second more, with every part of the sum", () => {
    expect(violations(rule, withTimes(51, 60))).to.deep.equal([
      'ecs.Service "web": 5 s detection + 51 s deregistration delay (lb.TargetGroup "web") + 60 s stop timeout (container web) + 5 s margin = 121 s; allowed: at most 120 s; lower stopTimeout, or both, by 1 s together.',
    ]);
  });

  it("takes 300 s for a delay that nobody set, and the agent's 30 s for a stop timeout", () => {
    expect(violations(rule, withTimes(undefined, undefined))).to.deep.equal([
      'ecs.Service "web": 5 s detection + 300 s deregistration delay (lb.TargetGroup "web") + 30 s stop timeout (the agent\'s setting in ec2.LaunchTemplate "node") + 5 s margin = 340 s; allowed: at most 120 s; lower deregistrationDelay, or both, by 220 s together.',
    ]);
  });

  it("reads a delay that is written as text", () => {
    expect(violations(rule, withTimes("300", 30))).to.have.length(1);
  });

  it("takes the longest container's stop timeout", () => {
    const parts = withTimes(30, 20);
    parts.containers.push({ name: "proxy", stopTimeout: 90 });
    expect(violations(rule, parts)[0]).to.include("90 s stop timeout (container proxy)");
  });

  it("goes by the allowances that are configured", () => {
    expect(violations(rule, withTimes(50, 60), { detectionSeconds: 10 })).to.have.length(1);
    expect(violations(rule, withTimes(55, 60), { detectionSeconds: 0 })).to.deep.equal([]);
  });

  it("can't tell with a delay that isn't known yet", () => {
    expect(undecided(rule, withTimes(LATER, 30))).to.deep.equal([
      'ecs.Service "web": deregistrationDelay isn\'t known before the update.',
    ]);
  });

  it("can tell already if what is known is too much", () => {
    const parts = withTimes(300, LATER);
    expect(violations(rule, parts)[0]).to.include("0 s stop timeout (not known)");
    expect(undecided(rule, parts)).to.deep.equal([]);
  });

  describe("of a service whose cluster is in another stack", () => {
    const elsewhere = (delay: number) => {
      const parts = withTimes(delay, 30);
      parts.service.set("capacityProviderStrategies", undefined);
      parts.service.set("cluster", "shared");
      return parts;
    };

    it("can't tell whether it is on Spot", () => {
      expect(undecided(rule, elsewhere(300))).to.deep.equal([
        'ecs.Service "web": cluster shared isn\'t in this stack; on Spot, this would be wrong: 5 s detection + 300 s deregistration delay (lb.TargetGroup "web") + 30 s stop timeout (container web) + 5 s margin = 340 s.',
      ]);
    });

    it("says nothing if it fits anyway", () => {
      expect(undecided(rule, elsewhere(60))).to.deep.equal([]);
    });

    it("takes it for one on Spot if it is told to", () => {
      expect(violations(rule, elsewhere(300), { assumeSpot: true })).to.have.length(1);
    });
  });
});
