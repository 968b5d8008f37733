/** What the account of these tests refuses as AWS does, of what workers are made of. */
import { expect } from "chai";
import { Account } from "./aws/account";
import { arn, type Props } from "./aws/resourceType";

const PLACE = { region: "eu-west-1", accountId: "123456789012", serial: 0 };
const QUEUE = "aws:sqs/queue:Queue";
const ALLOW_POLICY = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const POLICY = "aws:appautoscaling/policy:Policy";
const SERVICE = { resourceId: "service/shop/mail", scalableDimension: "ecs:service:DesiredCount" };

const queueArn = (name: string): string => arn("sqs", name, PLACE);
const redrive = (name: string, maxReceiveCount = 3): string =>
  JSON.stringify({ deadLetterTargetArn: queueArn(name), maxReceiveCount });

/** With a standard queue for dead letters and a service that is scaled. */
function accountWithParts(): Account {
  const account = new Account();
  const dead = create(account, QUEUE, { name: "dead" });
  create(account, ALLOW_POLICY, {
    queueUrl: dead.url,
    redriveAllowPolicy: JSON.stringify({ redrivePermission: "byQueue", sourceQueueArns: [queueArn("high")] }),
  });
  create(account, "aws:ecs/cluster:Cluster", { name: "shop" });
  create(account, "aws:ecs/taskDefinition:TaskDefinition", { family: "mail" });
  const [task] = account.all("aws:ecs/taskDefinition:TaskDefinition");
  create(account, "aws:ecs/service:Service", { name: "mail", cluster: "shop", taskDefinition: task?.props.arn });
  create(account, "aws:appautoscaling/target:Target", { ...SERVICE, minCapacity: 0, maxCapacity: 9 });
  return account;
}

const create = (account: Account, type: string, inputs: Props): Props =>
  account.create(type, `urn:${type}`, inputs, PLACE.region).props;

const METRIC = { namespace: "AWS/SQS", metricName: "ApproximateNumberOfMessagesVisible", period: 60, stat: "Average" };
const WAITING = { id: "waiting", metric: METRIC };
const SUM = { id: "sum", expression: "FILL(waiting, 0) + 1", returnData: true };
const alarm = (metricQueries: object[], over: Props = {}): Props => ({
  name: "low",
  metricQueries,
  evaluationPeriods: 2,
  datapointsToAlarm: 2,
  ...over,
});
const steps = (...stepAdjustments: Props[]): Props => ({
  ...SERVICE,
  name: "up",
  stepScalingPolicyConfiguration: { stepAdjustments },
});
const tracked = (...metrics: object[]): Props => ({
  ...SERVICE,
  name: "track",
  targetTrackingScalingPolicyConfiguration: { customizedMetricSpecification: { metrics } },
});

interface Case {
  readonly type: string;
  readonly taken: Props;
  readonly refused: Readonly<Record<string, Props>>;
}

const CASES: readonly Case[] = [
  {
    type: QUEUE,
    taken: { name: "high", redrivePolicy: redrive("dead"), delaySeconds: 900 },
    refused: {
      InvalidAttributeValue: { name: "high", delaySeconds: 901 },
      "must end with .fifo": { name: "high", fifoQueue: true },
      "Unknown Attribute contentBasedDeduplication": { name: "high", contentBasedDeduplication: false },
      "perMessageGroupId is allowed only": {
        name: "high.fifo",
        fifoQueue: true,
        fifoThroughputLimit: "perMessageGroupId",
      },
      "target does not exist": { name: "high", redrivePolicy: redrive("gone") },
      "same type of queue": { name: "high.fifo", fifoQueue: true, redrivePolicy: redrive("dead") },
      "Invalid value for maxReceiveCount": { name: "high", redrivePolicy: redrive("dead", 0) },
      "does not allow the source": { name: "other", redrivePolicy: redrive("dead") },
    },
  },
  {
    type: ALLOW_POLICY,
    taken: { queueUrl: `https://sqs.eu-west-1.amazonaws.com/${PLACE.accountId}/dead` },
    refused: { NonExistentQueue: { queueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/gone" } },
  },
  {
    type: ALARM,
    taken: alarm([WAITING, SUM]),
    refused: {
      "exactly one element must return data": alarm([WAITING]),
      "ids must be unique": alarm([WAITING, WAITING, SUM]),
      "begin with a small letter": alarm([WAITING, SUM, { ...WAITING, id: "0" }]),
      "unknown id": alarm([SUM]),
      "metric.period is missing": alarm([{ id: "waiting", metric: { ...METRIC, period: undefined } }, SUM]),
      "more than 10 metrics": alarm([...Array.from({ length: 11 }, (_, n) => ({ ...WAITING, id: `m${n}` })), SUM]),
      "can't both be given": alarm([WAITING, SUM], { metricName: "CPUUtilization" }),
      "No metric is given": alarm([]),
      "at most EvaluationPeriods": alarm([WAITING, SUM], { datapointsToAlarm: 3 }),
    },
  },
  {
    type: POLICY,
    taken: steps({ metricIntervalUpperBound: "5" }, { metricIntervalLowerBound: "5" }),
    refused: {
      "no gaps": steps({ metricIntervalUpperBound: "5" }, { metricIntervalLowerBound: "6" }),
      "no overlaps": steps({ metricIntervalUpperBound: "5" }, { metricIntervalLowerBound: "4" }),
      "more than 20": steps(
        ...Array.from({ length: 21 }, (_, n) => ({ metricIntervalLowerBound: n, metricIntervalUpperBound: n + 1 })),
      ),
      "metricStat.stat is missing": tracked({ id: "waiting", metricStat: { metric: METRIC }, returnData: false }, SUM),
      "exactly one element must return data": tracked({ ...WAITING, metricStat: { metric: METRIC, stat: "Sum" } }, SUM),
    },
  },
  {
    type: "aws:appautoscaling/target:Target",
    taken: { ...SERVICE, minCapacity: 0, maxCapacity: 0 },
    refused: {
      "cannot be less than minimum": { ...SERVICE, minCapacity: 2, maxCapacity: 1 },
      "nor minimum capacity less than 0": { ...SERVICE, minCapacity: -1, maxCapacity: 1 },
    },
  },
];

describe("the account of the engine's tests", () => {
  for (const { type, taken, refused } of CASES) {
    describe(`given ${type}`, () => {
      it("takes one that is right", () => {
        expect(() => create(accountWithParts(), type, taken)).not.to.throw();
      });

      for (const [message, inputs] of Object.entries(refused)) {
        it(`refuses one as AWS does: ${message}`, () => {
          expect(() => create(accountWithParts(), type, inputs)).to.throw(message);
        });
      }
    });
  }

  it("looks only at what is changed of a queue", () => {
    const account = accountWithParts();
    create(account, QUEUE, { name: "high", redrivePolicy: redrive("dead") });
    account.change(ALLOW_POLICY, () => ({ redriveAllowPolicy: JSON.stringify({ sourceQueueArns: [] }) }));
    const [, high] = account.all(QUEUE);
    expect(() => account.update(QUEUE, high!.id, { delaySeconds: 3 })).not.to.throw();
    expect(() => account.update(QUEUE, high!.id, { redrivePolicy: redrive("dead", 9) })).to.throw("does not allow");
  });
});
