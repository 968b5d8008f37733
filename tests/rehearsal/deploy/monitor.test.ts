import { ecs, getRegion, sqs } from "@pulumi/aws";
import { expect } from "chai";
import { record, type Resource } from "../../../rehearsal/deploy/monitor";
import { ACCOUNT, REGION } from "../world/support";

const STACK = { project: "shop", stack: "test", region: REGION, account: ACCOUNT, config: {}, secretKeys: [] };

describe("recording a program", () => {
  it("gives ids as the provider does: a cluster's is its ARN, a queue's its URL", async () => {
    const ids = (await record(() => [new ecs.Cluster("web"), new sqs.Queue("jobs")], STACK)).map(({ id }) => id);
    expect(ids).to.deep.equal([
      `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/web`,
      `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/jobs`,
    ]);
  });

  it("tells of what was declared before an error, and throws the error", async () => {
    const declared: Resource[] = [];
    const program = () => {
      new ecs.Cluster("web");
      throw new Error("no more");
    };
    const error = await record(program, STACK, { declared: (resource) => declared.push(resource) }).then(
      () => undefined,
      (thrown: Error) => thrown.message,
    );
    expect(error).to.equal("no more");
    expect(declared.map(({ name }) => name)).to.deep.equal(["web"]);
  });

  it("tells what the program asks for", async () => {
    const called: string[] = [];
    await record(() => getRegion(), STACK, { called: (token) => called.push(token) });
    expect(called).to.deep.equal(["aws:index/getRegion:getRegion"]);
  });

  it("leaves the length of stack traces as it was, whether or not the program fails", async () => {
    const { stackTraceLimit } = Error;
    await record(() => undefined, STACK);
    expect(Error.stackTraceLimit).to.equal(stackTraceLimit);
    const failing = () => {
      throw new Error("no");
    };
    await record(failing, STACK).catch(() => undefined);
    expect(Error.stackTraceLimit).to.equal(stackTraceLimit);
  });
});
