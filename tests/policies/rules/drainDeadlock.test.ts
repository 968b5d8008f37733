import { expect } from "chai";
import { drainDeadlock as rule } from "../../../policies/rules/drainDeadlock";
import { LATER } from "../support/declared";
import { violations, undecided } from "../support/said";
import { webStack } from "../support/stacks";

const withPercents = (minimum: unknown, maximum: unknown, desiredCount: unknown = 4) => {
  const parts = webStack();
  parts.service.set("deploymentMinimumHealthyPercent", minimum);
  parts.service.set("deploymentMaximumPercent", maximum);
  parts.service.set("desiredCount", desiredCount);
  return parts;
};

describe("drain-deadlock", () => {
  it("has nothing against AWS's percents", () => {
    expect(violations(rule, withPercents(undefined, undefined))).to.deep.equal([]);
  });

  it("refuses 100 and 100", () => {
    expect(violations(rule, withPercents(100, 100))).to.deep.equal([
      'ecs.Service "web": deploymentMinimumHealthyPercent 100 and deploymentMaximumPercent 100, with 4 tasks: no task may stop before another is healthy, and none may start before one has stopped; allowed: room for one of the two; set deploymentMinimumHealthyPercent to 50, or deploymentMaximumPercent to 200.',
    ]);
  });

  it("rounds the minimum up and the maximum down, as ECS does", () => {
    expect(violations(rule, withPercents(50, 150, 1))[0]).to.include("with 1 task:");
    expect(violations(rule, withPercents(50, 150, 2))).to.deep.equal([]);
    expect(violations(rule, withPercents(90, 110, 3))).to.have.length(1);
    expect(violations(rule, withPercents(90, 110, 10))).to.deep.equal([]);
  });

  it("goes by the percents alone where the count isn't known", () => {
    expect(violations(rule, withPercents(50, 150, LATER))).to.deep.equal([]);
    expect(violations(rule, withPercents(100, 100, LATER))[0]).to.match(/MaximumPercent 100: no task/);
  });

  it("can't tell with a percent that isn't known yet", () => {
    expect(undecided(rule, withPercents(LATER, 100))).to.deep.equal([
      'ecs.Service "web": deploymentMinimumHealthyPercent isn\'t known before the update.',
    ]);
  });

  it("leaves daemons alone, whose maximum is 100", () => {
    const parts = withPercents(100, 100);
    parts.service.set("schedulingStrategy", "DAEMON");
    expect(violations(rule, parts)).to.deep.equal([]);
  });
});
