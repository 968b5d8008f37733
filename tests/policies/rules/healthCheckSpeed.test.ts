import { expect } from "chai";
import { healthCheckSpeed } from "../../../policies/rules/healthCheckSpeed";
import { LATER } from "../support/declared";
import { violations, undecided } from "../support/said";
import { webStack } from "../support/stacks";

describe("health-check-speed", () => {
  const withCheck = (healthCheck: unknown, protocol = "HTTP") => {
    const parts = webStack();
    parts.targetGroup.set("healthCheck", healthCheck);
    parts.targetGroup.set("protocol", protocol);
    return parts;
  };

  it("has nothing against the provider's defaults", () => {
    expect(violations(healthCheckSpeed, withCheck(undefined))).to.deep.equal([]);
  });

  it("advises against a check that sees a dead target too late", () => {
    expect(violations(healthCheckSpeed, withCheck({ interval: 60, unhealthyThreshold: 3 }))).to.deep.equal([
      'lb.TargetGroup "web": its health check takes 180 s to see that a target is gone; allowed: at most 110 s; lower the check\'s interval or unhealthyThreshold.',
    ]);
  });

  it("advises against a Network Load Balancer's check that sees a new target too late", () => {
    const check = { interval: 30, unhealthyThreshold: 2, healthyThreshold: 5 };
    expect(violations(healthCheckSpeed, withCheck(check))).to.deep.equal([]);
    expect(violations(healthCheckSpeed, withCheck(check, "TCP"))[0]).to.include(
      "150 s to see that a target is healthy",
    );
  });

  it("goes by the limit that is configured", () => {
    expect(violations(healthCheckSpeed, withCheck({ interval: 30 }), { limitSeconds: 60 })).to.have.length(1);
  });

  it("can't tell with an interval that isn't known yet", () => {
    expect(undecided(healthCheckSpeed, withCheck({ interval: LATER }))).to.deep.equal([
      'lb.TargetGroup "web": healthCheck.interval isn\'t known before the update.',
    ]);
  });
});
