import { expect } from "chai";
import { drainCallback } from "../../functions/drain/callback";
import { REPLACEMENTS, type Replacement } from "../../components/cluster/replacement";
import {
  batchOf,
  check,
  FakeAws,
  HINTING,
  idOf,
  notice,
  recommendation,
  SETTINGS,
  sweep,
} from "../functions/drain/fakeAws";
import { recordCluster } from "../support/fixtures";
import { statementsOf } from "../support/policies";
import { actionsCalled, answeredBy, emit, load, OF_LAMBDA, requiredBy, zippedBytes, type Handler } from "./emittedText";

const ENVIRONMENT = {
  CLUSTER_ARN: SETTINGS.clusterArn,
  AUTO_SCALING_GROUP_NAME: SETTINGS.autoScalingGroupName,
  QUEUE_URL: SETTINGS.queueUrl,
  RECOMMENDATION_MINUTES: "60",
  STOP_TIMEOUT_SECONDS: "60",
  CHECK_INTERVAL_SECONDS: "5",
};

/** Only granted, and only called, where the function itself replaces. */
const DETACHING = ["autoscaling:DetachInstances", "ec2:TerminateInstances"];

describe("the drain function's emitted text", () => {
  let text: string;
  before(async () => {
    text = await emit(drainCallback);
  });

  /** The handler in an environment of its own, with AWS in memory behind the real clients. */
  function loaded(aws: FakeAws, replacement: Replacement, lines: string[] = [], recommendations = "ignore"): Handler {
    const environment = { ...ENVIRONMENT, REPLACEMENT: replacement, RECOMMENDATIONS: recommendations };
    return load(text, environment, answeredBy(aws.ports()), lines);
  }

  it("requires nothing but SDK clients, by the names of their packages", () => {
    const required = requiredBy(text);
    expect(required).to.not.be.empty;
    for (const name of required) expect(name).to.match(/^"@aws-sdk\/client-[a-z0-9-]+"$/);
    expect(text).to.not.match(/\bimport\(/);
  });

  it("is at most 64 KiB zipped", () => {
    expect(zippedBytes(text)).to.be.at.most(64 * 1024);
  });

  for (const replacement of REPLACEMENTS) {
    it(`drains a noticed instance through the real SDK clients (${replacement})`, async () => {
      const aws = new FakeAws();
      aws.balanced("web");
      const noticedAt = Date.now();
      for (const n of [1, 2, 3, 4]) {
        aws.join(idOf(n));
        aws.run(idOf(n), "web", 32768);
      }
      const lines: string[] = [];
      const handler = loaded(aws, replacement, lines);
      const answer = await handler(batchOf(notice(idOf(1), noticedAt), "{"), {
        getRemainingTimeInMillis: () => 25_000,
      });
      expect(answer).to.deep.equal({ batchItemFailures: [] });
      expect(aws.instances.get(idOf(1))!.status).to.equal("DRAINING");
      expect(aws.targets.map((target) => target.health)).to.deep.equal(["draining", "healthy", "healthy", "healthy"]);
      expect(aws.group.has(idOf(1))).to.equal(replacement !== "detach");
      const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(records.filter((record) => "_aws" in record)).to.have.lengthOf(1);
      expect(records[0]).to.include({ decision: "ignored", messageId: "m1", reason: "not JSON" });
    });

    it(`may do exactly what it calls, and what Lambda does for it (${replacement})`, async () => {
      const recording = await recordCluster({ replacement });
      const statements = statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", "shop-drain-policy"));
      const allowed = statements.flatMap((statement) => statement.Action);
      const called = actionsCalled(text)
        .filter((action) => replacement === "detach" || !DETACHING.includes(action))
        .filter((action) => !HINTING.includes(action));
      expect([...allowed].sort()).to.deep.equal([...called, ...OF_LAMBDA].sort());
    });
  }

  it("may do exactly what it calls where recommendations are hints", async () => {
    const recording = await recordCluster({ rebalanceRecommendations: "hint" });
    const statements = statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", "shop-drain-policy"));
    const allowed = statements.flatMap((statement) => statement.Action);
    expect([...allowed].sort()).to.deep.equal([...actionsCalled(text), ...OF_LAMBDA].sort());
  });

  it("takes a recommendation for a hint, through the real SDK clients", async () => {
    const aws = new FakeAws();
    for (const n of [1, 2, 3]) aws.join(idOf(n));
    const handler = loaded(aws, "detach", [], "hint");
    const context = { getRemainingTimeInMillis: () => 25_000 };
    await handler(batchOf(recommendation(idOf(1), Date.now() - 60_000)), context);
    await handler(batchOf(sweep(Date.now())), context);
    expect([...aws.group.keys()]).to.deep.equal([idOf(2), idOf(3)]);
    expect(aws.instances.get(idOf(1))!.status).to.equal("ACTIVE");
  });

  for (const recommendations of ["ignore", "drain"]) {
    it(`makes no call of its own for hints where it doesn't take them (${recommendations})`, async () => {
      const aws = new FakeAws();
      for (const n of [1, 2, 3]) aws.join(idOf(n));
      const now = Date.now();
      const batch = batchOf(recommendation(idOf(1), now), notice(idOf(2), now), sweep(now));
      await loaded(aws, "detach", [], recommendations)(batch, { getRemainingTimeInMillis: () => 25_000 });
      const methods = HINTING.map((action) => action.replace(/^.*:(.)/, (_all, first: string) => first.toLowerCase()));
      expect(aws.calls.map(({ command }) => command)).to.not.include.oneOf(methods);
      expect(aws.group.has(idOf(1))).to.equal(recommendations === "ignore");
    });
  }

  it("calls neither DetachInstances nor TerminateInstances under capacity rebalancing", async () => {
    const aws = new FakeAws();
    for (const n of [1, 2, 3]) aws.join(idOf(n), n === 3 ? "DRAINING" : "ACTIVE");
    aws.group.delete(idOf(3));
    aws.fails = (command) => (command === "describeAutoScalingInstances" ? new Error("unreadable") : undefined);
    const now = Date.now();
    const batch = batchOf(notice(idOf(1), now), check(idOf(2), now + 60_000), sweep(now));
    await loaded(aws, "capacityRebalancing")(batch, { getRemainingTimeInMillis: () => 25_000 });
    expect(aws.called("updateContainerInstancesState")).to.not.be.empty;
    expect(aws.called("detachInstances")).to.be.empty;
    expect(aws.called("terminateInstances")).to.be.empty;
  });

  it("ends an empty orphan where it detaches", async () => {
    const aws = new FakeAws();
    aws.join(idOf(3), "DRAINING");
    aws.group.delete(idOf(3));
    await loaded(aws, "detach")(batchOf(sweep(Date.now())), { getRemainingTimeInMillis: () => 25_000 });
    expect(aws.called("terminateInstances")).to.deep.equal([{ InstanceIds: [idOf(3)] }]);
  });

  it("says what is wrong with its environment when it starts", () => {
    expect(() => load(text, {}, () => Promise.resolve({}), [])).to.throw("CLUSTER_ARN is not set");
  });
});
