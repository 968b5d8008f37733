import { expect } from "chai";
import { scaleInCallback } from "../../functions/scaleIn/callback";
import { alarmChange, batchOf, check, ENVIRONMENT, FakeAws, S, sweep, WORKERS } from "../functions/scaleIn/fakeAws";
import { actionsCalled, answeredBy, emit, load, requiredBy, zippedBytes, type Handler } from "./emittedText";

/** Of the SDK. */
const CLIENTS = ["application-auto-scaling", "cloudwatch", "ecs", "elastic-load-balancing-v2", "sqs"];

/** Its role allows these, and the queue's and the log's. */
const ACTIONS = [
  "application-autoscaling:DescribeScalableTargets",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:GetMetricData",
  "ecs:DescribeContainerInstances",
  "ecs:DescribeServices",
  "ecs:DescribeTasks",
  "ecs:GetTaskProtection",
  "ecs:ListTasks",
  "ecs:StopTask",
  "ecs:TagResource",
  "ecs:UntagResource",
  "ecs:UpdateService",
  "elasticloadbalancing:DeregisterTargets",
  "elasticloadbalancing:DescribeTargetHealth",
  "elasticloadbalancing:RegisterTargets",
  "sqs:SendMessage",
];

/** As the component sets it for a service whose tasks take one job at once. */
const WORKERS_ENVIRONMENT = {
  ...ENVIRONMENT,
  TARGET_GROUP_ARNS: "[]",
  LOAD_METRICS: JSON.stringify(WORKERS.loadMetrics),
  TIERS: JSON.stringify(WORKERS.tiers),
  TIERS_PER: "task",
  MOST_SHARE_PERCENT: "100",
  MOST_PER_TASK: "1",
  SETTLE_SECONDS: "2",
};

describe("the scale-in function's emitted text", () => {
  let text: string;
  before(async () => {
    text = await emit(scaleInCallback);
  });

  /** The handler in an environment of its own, with AWS in memory behind the real clients. */
  function loaded(aws: FakeAws, lines: string[] = [], environment = ENVIRONMENT): Handler {
    return load(text, environment, answeredBy(aws.ports()), lines);
  }

  it("requires nothing but SDK clients, by the names of their packages", () => {
    const required = requiredBy(text);
    expect(required).to.have.members(CLIENTS.map((name) => `"@aws-sdk/client-${name}"`));
    expect(text).to.not.match(/\bimport\(/);
  });

  it("makes these calls and no other", () => {
    expect(actionsCalled(text)).to.deep.equal(ACTIONS);
  });

  it("is at most 64 KiB zipped", () => {
    expect(zippedBytes(text)).to.be.at.most(64 * 1024);
  });

  it("scales in through the real SDK clients, from the alarm to the lowered desired count", async () => {
    const aws = FakeAws.withTasks(6);
    const begun = Date.now();
    aws.now = begun;
    const lines: string[] = [];
    const handler = loaded(aws, lines);
    const context = { getRemainingTimeInMillis: () => 25_000 };
    expect(await handler(batchOf(alarmChange(), "{"), context)).to.deep.equal({ batchItemFailures: [] });
    expect(aws.marked).to.have.lengthOf(2);
    for (const task of aws.marked) task.mark = new Date(begun - 20 * S).toISOString();
    expect(await handler(batchOf(check(begun + 60 * S)), context)).to.deep.equal({ batchItemFailures: [] });
    expect(aws.service.desiredCount).to.equal(4);
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.filter((record) => "_aws" in record)).to.have.lengthOf(2);
    expect(records[0]).to.include({ decision: "ignored", messageId: "m1", reason: "not JSON" });
    expect(records.at(-1)).to.include({ TasksRetired: 2, ServiceName: "api" });
  });

  it("stops workers without a job through the real SDK clients, the last one too, and calls no balancer", async () => {
    const aws = FakeAws.withWorkers(3);
    const begun = Date.now();
    aws.now = begun;
    const handler = loaded(aws, [], WORKERS_ENVIRONMENT);
    const context = { getRemainingTimeInMillis: () => 25_000 };
    expect(await handler(batchOf(alarmChange()), context)).to.deep.equal({ batchItemFailures: [] });
    for (const task of aws.marked) task.mark = new Date(begun - 20 * S).toISOString();
    const last = check(begun + 60 * S, "api", begun - 20 * S);
    expect(await handler(batchOf(last), context)).to.deep.equal({ batchItemFailures: [] });
    expect([aws.service.desiredCount, aws.alive.length]).to.deep.equal([0, 0]);
  });

  it("lets a forgotten task go at a sweep", async () => {
    const aws = FakeAws.withTasks(3);
    aws.now = Date.now();
    aws.alarms.set("api-few-requests", "OK");
    const [task] = aws.tasks;
    task!.mark = new Date(aws.now - 3600 * S).toISOString();
    aws.deregister(task!);
    task!.protectedUntil = aws.now + 3600 * S;
    const fifth = Math.floor(aws.now / (300 * S)) * 300 * S;
    const late = JSON.stringify({ ...JSON.parse(sweep(fifth)), time: undefined });
    await loaded(aws)(batchOf(late), { getRemainingTimeInMillis: () => 25_000 });
    expect([task!.mark, aws.healthOf(task!)]).to.deep.equal([undefined, "initial"]);
  });

  it("says what is wrong with its environment when it starts", () => {
    expect(() => load(text, {}, () => Promise.resolve({}), [])).to.throw("CLUSTER_ARN is not set");
  });
});
