import { expect } from "chai";
import { visibilityTimeout } from "../../../policies/rules/visibilityTimeout";
import { json, LATER } from "../support/declared";
import { undecided, violations } from "../support/said";
import { allow, TYPE, workerStack } from "../support/stacks";

const withQueue = (property: string, value: unknown) => {
  const parts = workerStack();
  parts.queue.set(property, value);
  return parts;
};

describe("visibility-timeout", () => {
  it("has nothing against one as long as the stop timeout", () => {
    expect(violations(visibilityTimeout, withQueue("visibilityTimeoutSeconds", 90))).to.deep.equal([]);
  });

  it("advises against a shorter one", () => {
    expect(violations(visibilityTimeout, withQueue("visibilityTimeoutSeconds", 89))).to.deep.equal([
      'sqs.Queue "jobs": visibilityTimeoutSeconds is 89, and ecs.Service "worker" may work on for 90 s after SIGTERM (container worker): another task would get the same job; allowed: at least 90; raise it to 90 or more.',
    ]);
  });

  it("knows AWS's default", () => {
    expect(violations(visibilityTimeout, withQueue("visibilityTimeoutSeconds", undefined))[0]).to.include("is 30,");
  });

  it("takes the agent's stop timeout for a container that sets none", () => {
    const parts = withQueue("visibilityTimeoutSeconds", 40);
    delete parts.container.stopTimeout;
    expect(violations(visibilityTimeout, parts)).to.deep.equal([]);
    parts.boot.push("echo ECS_CONTAINER_STOP_TIMEOUT=50s >> /etc/ecs/ecs.config");
    expect(violations(visibilityTimeout, parts)[0]).to.include("50 s after SIGTERM (the agent's setting in");
  });

  it("looks at every queue that the task may receive from", () => {
    const parts = workerStack();
    const other = parts.stack.add(TYPE.queue, "other", { redrivePolicy: "{}" });
    const policy = { Statement: [{ Effect: "Allow", Action: ["sqs:*"], Resource: ["arn:aws:sqs:*:*:other"] }] };
    parts.stack.add(TYPE.rolePolicy, "other", { role: parts.role.ref("id"), policy: JSON.stringify(policy) });
    expect(violations(visibilityTimeout, parts)[0]).to.match(/^sqs\.Queue "other": visibilityTimeoutSeconds is 30/);
    expect(other.inputs).not.to.have.property("visibilityTimeoutSeconds");
  });

  describe("of Spotproof's consumer", () => {
    const consumer = (told: "queue" | "deadLetterQueue", actions: readonly string[]) => {
      const parts = withQueue("visibilityTimeoutSeconds", 30);
      const value = json([{ name: "high", url: parts[told].ref("url") }]);
      parts.container.environment = [{ name: "SPOTPROOF_QUEUES", value }];
      parts.rolePolicy.set("policy", allow(["sqs:ReceiveMessage", ...actions], parts.queue.ref("arn")));
      return parts;
    };

    it("has nothing against a short one, which is prolonged while a job lasts", () => {
      expect(violations(visibilityTimeout, consumer("queue", ["sqs:ChangeMessageVisibility"]))).to.deep.equal([]);
    });

    it("advises against it where the task may not prolong it, or isn't told of this queue", () => {
      expect(violations(visibilityTimeout, consumer("queue", ["sqs:DeleteMessage"]))).to.have.length(1);
      expect(violations(visibilityTimeout, consumer("deadLetterQueue", ["sqs:*"]))).to.have.length(1);
    });

    it("can't tell as long as it isn't known what the task may", () => {
      const parts = consumer("queue", []);
      const policy = parts.stack.add(TYPE.rolePolicy, "later", { role: parts.role.ref("id"), policy: LATER });
      expect(undecided(visibilityTimeout, parts)).to.deep.equal([
        `sqs.Queue "jobs": the policy of iam.RolePolicy "${policy.name}" isn't known before the update.`,
      ]);
    });
  });
});
