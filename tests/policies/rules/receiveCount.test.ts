import { expect } from "chai";
import { receiveCount } from "../../../policies/rules/receiveCount";
import { json } from "../support/declared";
import { undecidedInPreview, violations } from "../support/said";
import { workerStack } from "../support/stacks";

const withReceives = (maxReceiveCount: unknown) => {
  const parts = workerStack();
  const deadLetterTargetArn = parts.deadLetterQueue.ref("arn");
  parts.queue.set("redrivePolicy", json({ deadLetterTargetArn, maxReceiveCount }));
  return parts;
};

describe("receive-count", () => {
  it("has nothing against three receives, given as a number or as a text", () => {
    for (const count of [3, "3"]) expect(violations(receiveCount, withReceives(count))).to.deep.equal([]);
  });

  it("advises against fewer", () => {
    expect(violations(receiveCount, withReceives(2))).to.deep.equal([
      'sqs.Queue "jobs": maxReceiveCount is 2, and ecs.Service "worker" may be interrupted as often: a job that did nothing wrong would be a dead letter; allowed: at least 3; raise it, e.g. to 10.',
    ]);
  });

  it("goes by the minimum that is configured", () => {
    expect(violations(receiveCount, withReceives(19), { minimumReceives: 20 })[0]).to.include("raise it, e.g. to 20");
    expect(violations(receiveCount, withReceives(20), { minimumReceives: 20 })).to.deep.equal([]);
  });

  it("leaves a queue without dead letters to the rule that asks for them", () => {
    const parts = workerStack();
    parts.queue.set("redrivePolicy", undefined);
    expect(violations(receiveCount, parts)).to.deep.equal([]);
  });

  it("can't tell before the update what is written beside an ARN", () => {
    expect(undecidedInPreview(receiveCount, workerStack())).to.deep.equal([
      'sqs.Queue "jobs": redrivePolicy isn\'t known before the update.',
    ]);
  });

  it("leaves a worker alone that isn't on Spot", () => {
    const parts = withReceives(1);
    parts.service.set("capacityProviderStrategies", [{ capacityProvider: "FARGATE", weight: 1 }]);
    expect(violations(receiveCount, parts)).to.deep.equal([]);
  });
});
