import { expect } from "chai";
import { refreshCallback } from "../../functions/refresh/callback";
import { batchOf, FakeAws, sweep } from "../functions/refresh/fakeAws";
import { SETTINGS } from "../functions/refresh/states";
import { recordCluster } from "../support/fixtures";
import { statementsOf } from "../support/policies";
import { actionsCalled, emit, load, OF_LAMBDA, requiredBy, zippedBytes } from "./emittedText";

const ENVIRONMENT = {
  CLUSTER_ARN: SETTINGS.clusterArn,
  AUTO_SCALING_GROUP_NAMES: JSON.stringify(SETTINGS.autoScalingGroupNames),
  LAUNCH_TEMPLATE_ID: SETTINGS.launchTemplateId,
  REFRESH: "auto",
  WINDOW: JSON.stringify({ ...SETTINGS.window, startMinute: 0, lengthMinutes: 1440 }),
  MOST_MINUTES: "180",
  MAX_HEALTHY_PERCENT: "200",
  CHECKPOINT_PERCENTS: "[]",
  CHECKPOINT_DELAY_SECONDS: "600",
  INSTANCE_WARMUP_SECONDS: "180",
  ALARM_NAMES: "[]",
};

/** EC2 resolves the parameter in the caller's name. */
const RESOLVING = ["ssm:GetParameters"];
/** Whoever gives a group a version must be allowed to launch from it. */
const LAUNCHING = ["ec2:RunInstances", "ec2:CreateTags", "iam:PassRole"];

describe("the refresh function's emitted text", () => {
  let text: string;
  before(async () => {
    text = await emit(refreshCallback);
  });

  it("requires nothing but SDK clients, by the names of their packages", () => {
    const required = requiredBy(text);
    expect(required).to.not.be.empty;
    for (const name of required) expect(name).to.match(/^"@aws-sdk\/client-[a-z0-9-]+"$/);
  });

  it("is at most 64 KiB zipped", () => {
    expect(zippedBytes(text)).to.be.at.most(64 * 1024);
  });

  it("starts a refresh through the real SDK clients", async () => {
    const aws = new FakeAws();
    aws.now = Date.now();
    const ports = aws.ports() as unknown as { ec2: Record<string, (input: object) => Promise<object>> };
    const lines: string[] = [];
    const handler = load(
      text,
      ENVIRONMENT,
      (_service, command, input) => ports.ec2[`${command[0]!.toLowerCase()}${command.slice(1)}`]!(input),
      lines,
    );
    const answer = await handler(batchOf(sweep(Date.now())), { getRemainingTimeInMillis: () => 25_000 });
    expect(answer).to.deep.equal({ batchItemFailures: [] });
    expect(aws.called("startInstanceRefresh")).to.have.lengthOf(1);
    expect(
      lines.map((line) => JSON.parse(line) as { decision?: string }).flatMap(({ decision }) => decision ?? []),
    ).to.deep.equal(["makeVersion", "makeVersion", "start"]);
  });

  it("may do exactly what it calls, what comes with it, and what Lambda does for it", async () => {
    const recording = await recordCluster({ refresh: "auto" });
    const statements = statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", "shop-refresh-policy"));
    const allowed = statements.flatMap((statement) => statement.Action);
    const expected = [...actionsCalled(text), ...RESOLVING, ...LAUNCHING, ...OF_LAMBDA];
    expect([...allowed].sort()).to.deep.equal(expected.sort());
  });

  it("may change nothing where it only tells", async () => {
    const recording = await recordCluster({ refresh: "notify" });
    const statements = statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", "shop-refresh-policy"));
    const allowed = statements.flatMap((statement) => statement.Action);
    const changing = allowed.filter((action) => !/:(Describe|List|Get|Receive)/.test(action));
    expect(changing.sort()).to.deep.equal(["logs:CreateLogStream", "logs:PutLogEvents", "sqs:DeleteMessage"]);
  });

  it("says what is wrong with its environment when it starts", () => {
    expect(() => load(text, {}, () => Promise.resolve({}), [])).to.throw("LAUNCH_TEMPLATE_ID is not set");
  });
});
