import { expect } from "chai";
import { deadLetters } from "../../../policies/rules/deadLetters";
import { violations, undecidedInPreview } from "../support/said";
import { workerStack } from "../support/stacks";

const withQueue = (property: string, value: unknown) => {
  const parts = workerStack();
  parts.queue.set(property, value);
  return parts;
};

describe("dead-letters", () => {
  it("has nothing against a queue with dead letters, nor against that of the dead letters", () => {
    expect(violations(deadLetters, workerStack())).to.deep.equal([]);
  });

  it("takes a redrive policy that isn't known yet for one", () => {
    expect(undecidedInPreview(deadLetters, workerStack())).to.deep.equal([]);
  });

  it("advises against a queue without", () => {
    expect(violations(deadLetters, withQueue("redrivePolicy", undefined))[0]).to.equal(
      'sqs.Queue "jobs": ecs.Service "worker" works it off, and it has no redrivePolicy; allowed: one that leads to a dead-letter queue; add a queue for dead letters, and a redrivePolicy with its ARN and a maxReceiveCount, e.g. 5.',
    );
  });

  it("leaves a queue alone that the task may not receive from, though it is told of it", () => {
    const parts = withQueue("redrivePolicy", undefined);
    parts.rolePolicy.set(
      "policy",
      JSON.stringify({ Statement: { Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" } }),
    );
    expect(violations(deadLetters, parts)).to.deep.equal([]);
  });

  it("leaves a worker alone that isn't on Spot", () => {
    const parts = withQueue("redrivePolicy", undefined);
    parts.service.set("capacityProviderStrategies", [{ capacityProvider: "FARGATE", weight: 1 }]);
    expect(violations(deadLetters, parts)).to.deep.equal([]);
  });
});
