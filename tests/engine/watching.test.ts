import { expect } from "chai";
import { Deployment } from "./support/deployment";
import { GIVEN_VPC } from "./support/networks";
import { changed, leastServing, steps, succeeded } from "./support/outcomes";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const TOPIC = "aws:sns/topic:Topic";

describe("alarms and the dashboard", () => {
  let deployment: Deployment;
  const change = async (config: object): Promise<string[]> => {
    const up = await changed(deployment, config);
    expect(leastServing(up)).to.equal(2);
    return steps(up);
  };
  const actions = (): unknown[] =>
    deployment.account.all(ALARM).flatMap(({ props }) => props.alarmActions as unknown[]);

  before(async () => {
    deployment = await Deployment.create({ config: GIVEN_VPC });
    succeeded(await deployment.up());
  });
  after(() => deployment.close());

  it("tell a topic, which is encrypted, of the cluster and of the service", () => {
    const [topic] = deployment.account.all(TOPIC);
    const [key] = deployment.account.all("aws:kms/key:Key");
    expect(topic?.props.kmsMasterKeyId).to.equal(key?.props.arn);
    expect(actions()).to.have.length.greaterThan(5);
    expect(new Set(actions())).to.deep.equal(new Set([topic?.props.arn]));
  });

  it("tell another topic, and ours goes once none does", async () => {
    const alarmTopicArn = "arn:aws:sns:eu-west-1:123456789012:on-call";
    const done = await change({ alarmTopicArn });
    expect(new Set(actions())).to.deep.equal(new Set([alarmTopicArn]));
    expect(done.filter((step) => step.startsWith("create"))).to.be.empty;
    expect(deployment.account.all(TOPIC)).to.be.empty;
  });

  it("go and come back, and nothing else changes", async () => {
    const gone = await change({ alarms: false, dashboard: false, alarmTopicArn: undefined });
    expect(gone.every((step) => step.startsWith("delete "))).to.equal(true);
    expect(deployment.account.all(ALARM)).to.be.empty;
    const back = await change({ alarms: undefined, dashboard: undefined });
    expect(back.every((step) => step.startsWith("create "))).to.equal(true);
    expect(deployment.account.all("aws:cloudwatch/dashboard:Dashboard")).to.have.length(1);
  });
});
