import { expect } from "chai";
import { checkStatement, isAllowed, type Statement } from "../../../rehearsal/world/iam";

const TASK = "arn:aws:ecs:eu-west-1:123456789012:task/shop/1";
const CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop";

const allow = (statement: Partial<Statement> = {}): Statement => ({
  Effect: "Allow",
  Action: "ecs:StopTask",
  Resource: "*",
  ...statement,
});

const stopTask = (statements: Statement[], context: Record<string, string> = { "ecs:cluster": CLUSTER }): boolean =>
  isAllowed(statements, { action: "ecs:StopTask", resources: [{ arn: TASK, context }] });

const when = (operator: string, key: string, value: string | string[]): Statement =>
  allow({ Condition: { [operator]: { [key]: value } } });

describe("IAM", () => {
  it("denies what no statement allows", () => {
    expect(stopTask([])).to.equal(false);
    expect(stopTask([allow({ Action: "ecs:DescribeTasks" })])).to.equal(false);
    expect(stopTask([allow({ Resource: "arn:aws:ecs:eu-west-1:123456789012:task/other/*" })])).to.equal(false);
  });

  it("reads actions without regard to case, and wildcards in actions and resources", () => {
    expect(stopTask([allow({ Action: ["ecs:Describe*", "ECS:stop?ask"] })])).to.equal(true);
    expect(stopTask([allow({ Resource: ["arn:aws:ecs:*:123456789012:task/shop/*"] })])).to.equal(true);
    expect(stopTask([allow({ Resource: "arn:aws:ecs:*:task/other/*" })])).to.equal(false);
  });

  it("lets a Deny win over every Allow", () => {
    expect(stopTask([allow(), allow({ Effect: "Deny", Action: "ecs:*" })])).to.equal(false);
  });

  it("asks for every resource of a request", () => {
    const own = allow({ Resource: TASK });
    const resources = [TASK, `${TASK}2`].map((arn) => ({ arn, context: {} }));
    expect(isAllowed([own], { action: "ecs:StopTask", resources })).to.equal(false);
  });

  const conditions: readonly (readonly [operator: string, value: string | string[], holds: boolean])[] = [
    ["StringEquals", [CLUSTER, "x"], true],
    ["StringEquals", "x", false],
    ["StringNotEquals", "x", true],
    ["StringLike", "arn:aws:ecs:*:cluster/sh?p", true],
    ["StringNotLike", "*shop", false],
    ["ArnEquals", CLUSTER, true],
    ["ArnLike", "arn:aws:ecs:*:*:cluster/other", false],
    ["ArnNotEquals", "arn:aws:ecs:*:*:cluster/other", true],
    ["Null", "false", true],
    ["Null", "true", false],
  ];
  for (const [operator, value, holds] of conditions) {
    it(`takes ${operator} ${JSON.stringify(value)} as ${holds ? "met" : "not met"}`, () => {
      expect(stopTask([when(operator, "ecs:cluster", value)])).to.equal(holds);
    });
  }

  it("fails a condition on a key that the request hasn't, unless it is negated or says IfExists", () => {
    const without = (operator: string): boolean => stopTask([when(operator, "ecs:cluster", "x")], {});
    expect(["StringEquals", "StringNotEquals", "StringEqualsIfExists", "ArnLike"].map(without)).to.deep.equal([
      false,
      true,
      true,
      false,
    ]);
  });

  it("knows that the SDK's requests come over TLS", () => {
    const deny = { ...when("Bool", "aws:SecureTransport", "false"), Effect: "Deny" as const };
    expect(stopTask([allow(), deny])).to.equal(true);
  });

  it("refuses operators and members that it doesn't model, by name", () => {
    expect(() => stopTask([when("IpAddress", "aws:SourceIp", "10.0.0.0/8")], { "aws:SourceIp": "x" })).to.throw(
      /IpAddress is not modelled: Null and StringEquals/,
    );
    expect(() => checkStatement({ NotAction: "ecs:*" }, "policy p")).to.throw(/policy p: NotAction is not modelled/);
  });
});
