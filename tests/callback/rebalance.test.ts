import { expect } from "chai";
import { rebalanceCallback } from "../../functions/rebalance/callback";
import { ENVIRONMENT, FakeCluster, RAISED, schedule } from "../functions/rebalance/fakeAws";
import { batchOf, S } from "../functions/scaleIn/fakeAws";
import { recordCluster } from "../support/fixtures";
import { statementsOf } from "../support/policies";
import { actionsCalled, answeredBy, emit, load, OF_LAMBDA, requiredBy, zippedBytes, type Handler } from "./emittedText";

/** Of the SDK. */
const CLIENTS = ["application-auto-scaling", "auto-scaling", "ecs", "elastic-load-balancing-v2", "sqs"];

describe("the rebalance function's emitted text", () => {
  let text: string;
  before(async () => {
    text = await emit(rebalanceCallback);
  });

  /** The handler in an environment of its own, with AWS in memory behind the real clients. */
  function loaded(aws: FakeCluster, lines: string[] = []): Handler {
    return load(text, ENVIRONMENT, answeredBy(aws.ports()), lines);
  }

  it("requires nothing but SDK clients, by the names of their packages", () => {
    const required = requiredBy(text);
    expect(required).to.have.members(CLIENTS.map((name) => `"@aws-sdk/client-${name}"`));
    expect(text).to.not.match(/\bimport\(/);
  });

  it("is at most 64 KiB zipped", () => {
    expect(zippedBytes(text)).to.be.at.most(64 * 1024);
  });

  it("makes exactly the calls that its role allows", async () => {
    const recording = await recordCluster();
    const statements = statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", "shop-rebalance-policy"));
    const allowed = statements.flatMap(({ Action }) => Action).filter((action) => !OF_LAMBDA.includes(action));
    expect(allowed).to.have.members(actionsCalled(text));
  });

  it("moves tasks through the real SDK clients, from the schedule to the lowered desired count", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    const begun = Math.ceil(Date.now() / (15 * 60 * S)) * 15 * 60 * S - 15 * 60 * S;
    aws.now = begun;
    const lines: string[] = [];
    const handler = loaded(aws, lines);
    const context = { getRemainingTimeInMillis: () => 25_000 };
    const at = new Date(begun + 15 * 60 * S).getTime();
    expect(await handler(batchOf(schedule(at), "{"), context)).to.deep.equal({ batchItemFailures: [] });
    expect(aws.groupTags.get(RAISED)).to.match(/^8 10 /);
    aws.start();
    const look = JSON.stringify({ kind: "look", until: Date.now() + 60 * S, begins: false });
    expect(await handler(batchOf(look), context)).to.deep.equal({ batchItemFailures: [] });
    expect(aws.marked).to.have.lengthOf(2);
    for (const task of aws.marked) task.mark = `${new Date(Date.now() - 20 * S).toISOString()} rebalance`;
    const check = { kind: "check", service: "api", until: Date.now() + 60 * S, outAt: Date.now() - 3 * S };
    expect(await handler(batchOf(JSON.stringify(check)), context)).to.deep.equal({ batchItemFailures: [] });
    expect([aws.service.desiredCount, ...aws.counts]).to.deep.equal([8, 3, 3, 2]);
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records[0]).to.include({ decision: "ignored", messageId: "m1", reason: "not JSON" });
    expect(records.at(-1)).to.include({ TasksMoved: 2, ClusterName: "shop" });
  });
});
