import { expect } from "chai";
import { fallbackCallback } from "../../functions/fallback/callback";
import { LivingGroup, NOW, SETTINGS, sweep, launchFailed, NO_SPOT } from "../functions/fallback/livingGroup";
import { recordCluster } from "../support/fixtures";
import { statementsOf } from "../support/policies";
import { actionsCalled, answeredBy, emit, load, OF_LAMBDA, requiredBy, zippedBytes, type Handler } from "./emittedText";

const ENVIRONMENT = {
  CLUSTER_ARN: SETTINGS.clusterArn,
  AUTO_SCALING_GROUP_NAME: SETTINGS.autoScalingGroupName,
  DECLARED_BASE_CAPACITY: "1",
  MAX_INSTANCES: "10",
  MAX_HOURS: "24",
};

describe("the fallback function's emitted text", () => {
  let text: string;
  before(async () => {
    text = await emit(fallbackCallback);
  });

  function loaded(group: LivingGroup, lines: string[]): Handler {
    return load(text, ENVIRONMENT, answeredBy(group.ports()), lines);
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

  it("raises the base, and returns to Spot, through the real SDK clients", async () => {
    const group = new LivingGroup();
    const lines: string[] = [];
    const handler = loaded(group, lines);
    const look = (...bodies: string[]) =>
      handler(
        { Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })) },
        { getRemainingTimeInMillis: () => 25_000 },
      );
    group.shut();
    expect(await look(launchFailed(NO_SPOT, Date.now()), "{")).to.deep.equal({ batchItemFailures: [] });
    expect(group.base).to.equal(4);
    group.launch();
    group.boot();
    group.spotRoom = 5;
    // The clock of the text is the real one: the next attempt was put off from its now.
    group.tag = group.tag!.replace(/until=\S+/, `until=${new Date(NOW).toISOString()}`);
    for (let i = 0; i < 20; i++) {
      await look(sweep(Date.now()));
      group.launch();
      group.boot();
    }
    expect(group).to.include({ base: 1, tag: undefined });
    expect(group.instances.size).to.equal(4);
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.filter((record) => record.StandInsReturned === 1)).to.have.lengthOf(3);
  });

  it("may do exactly what it calls, and what Lambda does for it", async () => {
    const statements = statementsOf(
      (await recordCluster()).only("aws:iam/rolePolicy:RolePolicy", "shop-fallback-policy"),
    );
    const allowed = statements.flatMap((statement) => statement.Action);
    expect([...allowed].sort()).to.deep.equal([...actionsCalled(text), ...OF_LAMBDA].sort());
  });

  it("says what is wrong with its environment when it starts", () => {
    expect(() => load(text, { MAX_HOURS: "0" }, () => Promise.resolve({}), [])).to.throw(
      /CLUSTER_ARN is not set.*MAX_HOURS is 0: a whole number of hours, at least 1.*Deploy the cluster again/,
    );
  });
});
