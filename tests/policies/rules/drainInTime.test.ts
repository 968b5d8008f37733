import { expect } from "chai";
import { drainInTime as rule } from "../../../policies/rules/drainInTime";
import { violations, undecidedInPreview } from "../support/said";
import { handler, TYPE, webStack, workerStack } from "../support/stacks";

/** 5 + 30 + 10 + D + 30 + 5: a delay of 40 s just fits. */
const waiting = (deregistrationDelay = 41) => {
  const parts = webStack();
  parts.service.set("deploymentMinimumHealthyPercent", 100);
  parts.targetGroup.set("deregistrationDelay", deregistrationDelay);
  return parts;
};

describe("drain-in-time", () => {
  it("has nothing against a replacement that is healthy in time", () => {
    expect(violations(rule, waiting(40))).to.deep.equal([]);
  });

  it("refuses one that is a second late, with every part of the sum", () => {
    expect(violations(rule, waiting())).to.deep.equal([
      'ecs.Service "web": deploymentMinimumHealthyPercent 100 and deploymentMaximumPercent 200, with 4 tasks: a task waits for its replacement, 5 s detection + 30 s start + 10 s until healthy + 41 s deregistration delay + 30 s stop timeout + 5 s margin = 121 s, and nothing stops it earlier; allowed: at most 120 s; set deploymentMinimumHealthyPercent so low that a task may be missing, e.g. 50 with two tasks or more, or shorten the times.',
    ]);
  });

  it("has nothing against tasks that may stop first", () => {
    const parts = waiting(80);
    parts.service.set("deploymentMinimumHealthyPercent", 75);
    expect(violations(rule, parts)).to.deep.equal([]);
    parts.service.set("desiredCount", 3);
    expect(violations(rule, parts)).to.have.length(1);
  });

  it("leaves to another rule what is deadlocked", () => {
    const parts = waiting();
    parts.service.set("deploymentMaximumPercent", 100);
    expect(violations(rule, parts)).to.deep.equal([]);
  });

  it("has nothing against it if a function on the notice may stop tasks", () => {
    const parts = waiting();
    handler(parts.stack, ["ecs:StopTask"]);
    expect(violations(rule, parts)).to.deep.equal([]);
  });

  it("can't tell what a function may do whose policy isn't known yet", () => {
    const parts = waiting();
    handler(parts.stack, ["ecs:StopTask"], parts.cluster.ref("arn"));
    expect(undecidedInPreview(rule, parts)).to.deep.equal([
      'ecs.Service "web": the policy of iam.RolePolicy "handler" isn\'t known before the update.',
    ]);
  });

  it("counts 40 s for a task that nobody checks", () => {
    const parts = workerStack();
    parts.service.set("deploymentMinimumHealthyPercent", 100);
    parts.container.stopTimeout = 41;
    expect(violations(rule, parts)[0]).to.include("40 s until healthy + 0 s deregistration delay + 41 s stop timeout");
    parts.container.stopTimeout = 40;
    expect(violations(rule, parts)).to.deep.equal([]);
  });

  it("counts a container's own check, where it is slower than the balancer's", () => {
    const parts = waiting(40);
    parts.container.healthCheck = { command: ["CMD", "true"] };
    expect(violations(rule, parts)[0]).to.include("30 s until healthy");
  });

  it("goes by the fewest tasks that the service is scaled to", () => {
    const parts = waiting();
    parts.service.set("deploymentMinimumHealthyPercent", 50);
    parts.stack.add(TYPE.scalingTarget, "web", { minCapacity: 1, resourceId: "service/main/web" });
    expect(violations(rule, parts)[0]).to.include("with 1 task:");
  });

  it("goes by the start time that is configured", () => {
    expect(violations(rule, waiting(), { startSeconds: 29 })).to.deep.equal([]);
  });
});
