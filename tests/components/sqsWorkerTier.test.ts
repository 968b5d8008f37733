import { expect } from "chai";
import { SpotCluster } from "../../components/spotCluster";
import { SqsWorkerTier } from "../../components/sqsWorkerTier";
import type { SqsWorkerTierArgs } from "../../components/sqsWorkerTierArgs";
import type { WorkerScaling } from "../../components/scaling/workerScaling";
import { consumerSettings } from "../../runtime/consumer/environment";
import { CLUSTER, promiseOf } from "../support/fixtures";
import { statementsOf } from "../support/policies";
import { record, type Recording } from "../support/recorder";
import { containersOf, environmentOf, recordTier, TIER } from "./worker/tierFixture";

const ECS_SERVICE = "aws:ecs/service:Service";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const TARGET = "aws:appautoscaling/target:Target";
const KEY = "arn:aws:kms:eu-west-1:123456789012:key/1";
const queueArn = (name: string) => `arn:aws:sqs:eu-west-1:123456789012:${name}`;
const queueUrl = (name: string) => `https://sqs.eu-west-1.amazonaws.com/123456789012/${name}`;

const namesOf = (recording: Recording, type: string): string[] => recording.ofType(type).map(({ name }) => name);

/** What is asked of a tier before its program ends. */
async function askTier<T>(
  ask: (tier: SqsWorkerTier<"high" | "low">) => T | Promise<T>,
  changes: Partial<SqsWorkerTierArgs<"high" | "low">> = {},
): Promise<T> {
  const answers: T[] = [];
  await record(async () => {
    const cluster = new SpotCluster("shop", CLUSTER);
    answers.push(await ask(new SqsWorkerTier("mail", { ...TIER, cluster, queues: ["high", "low"], ...changes })));
  });
  return answers[0]!;
}

describe("a worker tier's containers", () => {
  it("are told what the runtime's consumer reads: the queues in order of priority, and how long they have to stop", async () => {
    const [main] = containersOf(await recordTier({ queues: ["high", { name: "low", weight: 3 }] }));
    expect(consumerSettings(environmentOf(main!))).to.deep.equal({
      queues: [
        { name: "high", url: queueUrl("mail-high"), weight: 1, visibilityTimeoutSeconds: 60 },
        { name: "low", url: queueUrl("mail-low"), weight: 3, visibilityTimeoutSeconds: 60 },
      ],
      polling: "strict",
      concurrency: 1,
      stopTimeoutSeconds: 60,
      protectsWork: true,
    });
    expect(main!.stopTimeout).to.equal(60);
  });

  it("keep their own environment beside it", async () => {
    const changes = {
      environment: { LEVEL: "info" },
      polling: "weighted",
      concurrency: 4,
      stopTimeoutSeconds: 40,
    } as const;
    const [main] = containersOf(await recordTier(changes));
    expect(environmentOf(main!)).to.include({ LEVEL: "info" });
    expect(consumerSettings(environmentOf(main!))).to.include({
      polling: "weighted",
      concurrency: 4,
      stopTimeoutSeconds: 40,
    });
  });

  it("may have a sidecar that takes the jobs, and is told in the main one's place, with its own stop timeout", async () => {
    const consumer = { image: TIER.image as string, memoryReservationMiB: 64, stopTimeoutSeconds: 25 };
    const recording = await recordTier({ consumerContainer: "consumer", sidecars: { consumer } });
    const [main, sidecar] = containersOf(recording);
    expect(environmentOf(main!)).not.to.have.property("SPOTPROOF_QUEUES");
    expect(consumerSettings(environmentOf(sidecar!))).to.include({ stopTimeoutSeconds: 25 });
  });

  it("may take jobs from their queues and protect their tasks, and nothing else", async () => {
    const statements = statementsOf((await recordTier()).only(ROLE_POLICY, "mail-task-policy"));
    expect(statements.map(({ Sid }) => Sid)).to.deep.equal(["TakeJobs", "ProtectWork"]);
    expect(statements[0]).to.deep.include({
      Action: ["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage"],
      Resource: [queueArn("mail-high"), queueArn("mail-low")],
    });
  });

  it("may decrypt with the keys of their queues, and do what the program adds", async () => {
    const read = { Sid: "ReadPictures", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::pictures/*"] };
    const recording = await recordTier({ queues: ["high", { name: "low", kmsMasterKeyId: KEY }], taskPolicy: [read] });
    const statements = statementsOf(recording.only(ROLE_POLICY, "mail-task-policy"));
    expect(statements.map(({ Sid }) => Sid)).to.deep.equal(["TakeJobs", "DecryptJobs", "ReadPictures", "ProtectWork"]);
    expect(statements[1]).to.deep.include({ Action: ["kms:Decrypt"], Resource: [KEY] });
  });
});

describe("a worker tier's tasks", () => {
  /** Whether they protect their work, by what the consumer is told, what the role may do and what ECS may move. */
  async function protection(changes: Parameters<typeof recordTier>[0]) {
    const recording = await recordTier(changes);
    const told = containersOf(recording)
      .map(environmentOf)
      .find(({ SPOTPROOF_QUEUES: queues }) => queues !== undefined);
    const statements = statementsOf(recording.only(ROLE_POLICY, "mail-task-policy"));
    return {
      told: consumerSettings(told).protectsWork,
      allowed: statements.some(({ Sid }) => Sid === "ProtectWork"),
      moved: recording.only(ECS_SERVICE).inputs.availabilityZoneRebalancing,
    };
  }
  const PROTECTED = { told: true, allowed: true, moved: "DISABLED" };
  const UNPROTECTED = { told: false, allowed: false, moved: "ENABLED" };

  it("are protected while they work, unless every job is done within the stop timeout", async () => {
    expect(await protection({ longestJobSeconds: 51 })).to.deep.equal(PROTECTED);
    expect(await protection({ longestJobSeconds: 50 })).to.deep.equal(UNPROTECTED);
    expect(await protection({ longestJobSeconds: 50, stopTimeoutSeconds: 59 })).to.deep.equal(PROTECTED);
    expect(await protection({ longestJobSeconds: 50, protectsWork: true })).to.deep.equal(PROTECTED);
  });

  it("have as long for a job as the shorter stop timeout of those that take it and do it", async () => {
    const consumer = { image: TIER.image as string, memoryReservationMiB: 64, stopTimeoutSeconds: 25 };
    const sidecar = { consumerContainer: "consumer", sidecars: { consumer } };
    expect(await protection({ ...sidecar, longestJobSeconds: 16 })).to.deep.equal(PROTECTED);
    expect(await protection({ ...sidecar, longestJobSeconds: 15 })).to.deep.equal(UNPROTECTED);
  });
});

describe("a worker tier's service", () => {
  it("begins with no task, leaves their number to scaling, and is moved by nobody", async () => {
    const recording = await recordTier();
    const service = recording.only(ECS_SERVICE);
    expect(service.inputs).to.deep.include({
      desiredCount: 0,
      availabilityZoneRebalancing: "DISABLED",
      waitForSteadyState: false,
    });
    expect(service.inputs).not.to.have.any.keys("loadBalancers", "healthCheckGracePeriodSeconds");
    expect(service.ignoreChanges).to.deep.equal(["desiredCount"]);
    expect(recording.only(TARGET).inputs).to.deep.include({ minCapacity: 0, maxCapacity: 10 });
  });

  it("begins with the fewest tasks that it may have", async () => {
    const recording = await recordTier({ scaling: { minCount: 2, maxCount: 40 } });
    expect(recording.only(ECS_SERVICE).inputs.desiredCount).to.equal(2);
    expect(recording.only(TARGET).inputs).to.deep.include({ minCapacity: 2, maxCapacity: 40 });
  });

  it("has a deployment wait for its jobs only where that is said", async () => {
    const { inputs } = (await recordTier({ waitForSteadyState: true })).only(ECS_SERVICE);
    expect(inputs.waitForSteadyState).to.equal(true);
  });

  it("runs on Spot, or where it is said", async () => {
    const onDemandCapacity = { minSize: 0, maxSize: 4 };
    const providers = async (capacity?: SqsWorkerTierArgs["capacity"]) =>
      (await recordTier({ capacity }, { onDemandCapacity })).only(ECS_SERVICE).inputs.capacityProviderStrategies;
    expect(await providers()).to.deep.equal([{ capacityProvider: "shop-capacity-provider", weight: 100 }]);
    expect(await providers("onDemand")).to.not.deep.equal(await providers());
  });

  it("is made after the cluster's capacity, the drain function's events and its rights, and destroyed before them", async () => {
    const recording = await recordTier();
    const service = recording.only(ECS_SERVICE);
    const needed = [
      recording.only("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"),
      recording.only("aws:cloudwatch/eventTarget:EventTarget", "shop-interruption"),
      recording.only(ROLE_POLICY, "mail-task-policy"),
      recording.only("aws:sqs/queue:Queue", "mail-high"),
    ];
    for (const other of needed) expect(recording.needs(service, other), other.name).to.equal(true);
  });

  it("scales by the most urgent of its queues", async () => {
    const targetOf = async (changes: Partial<SqsWorkerTierArgs>) => {
      const { inputs } = (await recordTier(changes)).only("aws:appautoscaling/policy:Policy", "mail-track-backlog");
      return (inputs.targetTrackingScalingPolicyConfiguration as { targetValue: number }).targetValue;
    };
    const urgent = await targetOf({ queues: [{ name: "high", acceptableLatencySeconds: 60 }, "low"] });
    expect(urgent).to.equal(await targetOf({ acceptableLatencySeconds: 60 }));
    expect(urgent).to.be.lessThan(await targetOf({}));
  });
});

describe("a worker tier with a service per queue", () => {
  const perQueue = (changes: Partial<SqsWorkerTierArgs> = {}) => recordTier({ services: "perQueue", ...changes });

  it("has one for each, which takes from its queue alone and may do nothing with the others", async () => {
    const recording = await perQueue();
    expect(namesOf(recording, ECS_SERVICE)).to.deep.equal(["mail-high", "mail-low"]);
    for (const name of ["high", "low"]) {
      const [main] = containersOf(recording, `mail-${name}-task`);
      expect(consumerSettings(environmentOf(main!)).queues).to.deep.equal([
        { name, url: queueUrl(`mail-${name}`), weight: 1, visibilityTimeoutSeconds: 60 },
      ]);
      const [takeJobs] = statementsOf(recording.only(ROLE_POLICY, `mail-${name}-task-policy`));
      expect(takeJobs!.Resource).to.deep.equal([queueArn(`mail-${name}`)]);
    }
  });

  it("shares its tasks by the weights, and leaves each queue one at least", async () => {
    const bounds = async (scaling: WorkerScaling) => {
      const queues = [{ name: "high", weight: 9 }, "low"];
      const targets = (await perQueue({ queues, scaling })).ofType(TARGET);
      return targets.map(({ inputs }) => [inputs.minCapacity, inputs.maxCapacity]);
    };
    expect(await bounds({ maxCount: 20 })).to.deep.equal([
      [0, 18],
      [0, 2],
    ]);
    expect(await bounds({ minCount: 1, maxCount: 5 })).to.deep.equal([
      [1, 5],
      [1, 1],
    ]);
  });

  it("shares what a schedule says too", async () => {
    const schedules = [
      { cron: "0 8 ? * MON-FRI *", minCount: 4, maxCount: 20 },
      { cron: "0 18 ? * MON-FRI *", minCount: 0 },
    ];
    const actions = (await perQueue({ scaling: { schedules } })).ofType(
      "aws:appautoscaling/scheduledAction:ScheduledAction",
    );
    expect(actions.map(({ inputs }) => inputs.scalableTargetAction)).to.have.deep.members([
      { minCapacity: 2, maxCapacity: 10 },
      { minCapacity: 0 },
      { minCapacity: 2, maxCapacity: 10 },
      { minCapacity: 0 },
    ]);
  });

  it("builds an image once", async () => {
    const recording = await perQueue({ image: { context: "tests/fixtures/plainProgram" } });
    expect(namesOf(recording, "awsx:ecr:Image")).to.have.lengthOf(1);
    const images = ["high", "low"].map((name) => containersOf(recording, `mail-${name}-task`)[0]!.image);
    expect(images[0]).to.match(/@sha256:/);
    expect(images[1]).to.equal(images[0]);
  });

  it("watches each queue's scaling", async () => {
    const recording = await perQueue();
    expect(namesOf(recording, ALARM)).to.include.members(["mail-high-scale-in-errors", "mail-low-scale-in-errors"]);
    expect(await askTier(({ alarms }) => Object.keys(alarms!), { services: "perQueue" })).to.include.members([
      "high-scale-in-errors",
      "low-scale-in-errors",
      "low-too-old",
    ]);
  });
});

describe("who publishes to a worker tier", () => {
  it("finds its queues by their names", async () => {
    const { urls, services } = await askTier(async ({ queues, ...tier }) => ({
      urls: await Promise.all([queues.high, queues.low].map(({ url }) => promiseOf(url))),
      services: Object.keys(tier.services),
    }));
    expect(urls).to.deep.equal([queueUrl("mail-high"), queueUrl("mail-low")]);
    expect(services).to.deep.equal(["mail"]);
  });

  it("finds a queue by a name from configuration, and is told what a wrong one should be", async () => {
    const asked = await askTier(async (tier) => {
      const url = await promiseOf(tier.priority("low").url);
      const wrong = (name: string): string => {
        try {
          tier.priority(name as "low");
          return "found";
        } catch (error) {
          return (error as Error).message;
        }
      };
      return { url, near: wrong("hihg"), far: wrong("urgent") };
    });
    expect(asked.url).to.equal(queueUrl("mail-low"));
    expect(asked.near).to.contain('queue: given "hihg"; allowed: high, low; change: did you mean high?');
    expect(asked.far).to.contain("give one of these, or add it to queues");
  });

  it("may send to the queues it names and to no other", async () => {
    const statements = await askTier((tier) => promiseOf(tier.sendStatements(["low"])));
    expect(statements).to.deep.equal([
      { Sid: "SendToMail", Action: ["sqs:SendMessage"], Resource: [queueArn("mail-low")] },
    ]);
  });

  it("may send to all of them unless told otherwise, and use their keys", async () => {
    const queues = ["high", "low"].map((name) => ({ name: name as "high" | "low", kmsMasterKeyId: KEY }));
    const statements = await askTier((tier) => promiseOf(tier.sendStatements()), { queues });
    expect(statements).to.deep.equal([
      { Sid: "SendToMail", Action: ["sqs:SendMessage"], Resource: [queueArn("mail-high"), queueArn("mail-low")] },
      { Sid: "EncryptToMail", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: [KEY] },
    ]);
  });

  it("gets the queues' URLs as variables", async () => {
    expect(await askTier((tier) => promiseOf(tier.publisherEnvironment() as never))).to.deep.equal({
      MAIL_HIGH_QUEUE_URL: queueUrl("mail-high"),
      MAIL_LOW_QUEUE_URL: queueUrl("mail-low"),
    });
  });
});

describe("a worker tier", () => {
  it("has alarms where its cluster has them, of its queues and of its function", async () => {
    const watched = ["too-old", "failing", "heartbeats", "dead-letters"];
    const alarms = namesOf(await recordTier(), ALARM);
    expect(alarms).to.include.members(
      ["high", "low"].flatMap((queue) => watched.map((part) => `mail-${queue}-${part}`)),
    );
    expect(alarms).to.include.members([
      "mail-scale-in-errors",
      "mail-scale-in-failed-actions",
      "mail-scale-in-dead-letters",
    ]);
    expect(alarms).not.to.include("mail-too-few-tasks");
    for (const recording of [await recordTier({ alarms: false }), await recordTier({}, { alarms: false })]) {
      expect(namesOf(recording, ALARM)).not.to.include("mail-high-too-old");
    }
  });

  it("calls a message too old when it has waited and been worked on for longer than it may", async () => {
    const thresholdOf = async (changes: Partial<SqsWorkerTierArgs>) =>
      (await recordTier(changes)).only(ALARM, "mail-high-too-old").inputs.threshold;
    expect(await thresholdOf({})).to.equal(602);
    expect(await thresholdOf({ longestJobSeconds: 50 })).to.equal(650);
    const urgent = { queues: [{ name: "high", acceptableLatencySeconds: 90 }] };
    expect(await thresholdOf({ ...urgent, scaling: { minCount: 1 } })).to.equal(92);
    expect(await thresholdOf(urgent), "with no task, until the first one is there").to.equal(362);
  });

  it("tells of too few tasks where there have to be some", async () => {
    const alarms = namesOf(await recordTier({ scaling: { minCount: 2, maxCount: 5 } }), ALARM);
    expect(alarms).to.include("mail-too-few-tasks");
  });

  it("has a section of the cluster's dashboard", async () => {
    const { dashboardBody } = (await recordTier()).only("aws:cloudwatch/dashboard:Dashboard").inputs;
    expect(dashboardBody).to.include("## Service mail").and.to.include("mail-high-dlq");
  });

  it("hands each child's args to its transform", async () => {
    const recording = await recordTier({
      transform: {
        service: (args) => ({ ...args, schedulingStrategy: "REPLICA" }),
        taskDefinition: (args) => ({ ...args, family: "letters" }),
        alarm: (args) => ({ ...args, actionsEnabled: false }),
        scalableTarget: (args) => ({ ...args, maxCapacity: 3 }),
      },
    });
    expect(recording.only(ECS_SERVICE).inputs.schedulingStrategy).to.equal("REPLICA");
    expect(recording.only("aws:ecs/taskDefinition:TaskDefinition").inputs.family).to.equal("letters");
    expect(recording.only(ALARM, "mail-low-failing").inputs.actionsEnabled).to.equal(false);
    expect(recording.only(TARGET).inputs.maxCapacity).to.equal(3);
  });

  it("declares what it has under names that stay as they are", async () => {
    const recording = await recordTier();
    const own = (urnPart: string) =>
      recording.resources.filter(({ parent }) => parent.includes(urnPart)).map(({ type, name }) => `${type} ${name}`);
    expect(
      own("components:SqsWorkerTier::mail").filter((each) => !/Alarm|appautoscaling|ScaleIn/.test(each)),
    ).to.have.members([
      "aws:sqs/queue:Queue mail-high",
      "aws:sqs/queue:Queue mail-high-dlq",
      "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy mail-high-redrive",
      "aws:sqs/queuePolicy:QueuePolicy mail-high-policy",
      "aws:sqs/queuePolicy:QueuePolicy mail-high-dlq-policy",
      "aws:sqs/queue:Queue mail-low",
      "aws:sqs/queue:Queue mail-low-dlq",
      "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy mail-low-redrive",
      "aws:sqs/queuePolicy:QueuePolicy mail-low-policy",
      "aws:sqs/queuePolicy:QueuePolicy mail-low-dlq-policy",
      "aws:cloudwatch/logGroup:LogGroup mail-logs",
      "aws:iam/role:Role mail-execution-role",
      "aws:iam/role:Role mail-task-role",
      "aws:iam/rolePolicy:RolePolicy mail-execution-policy",
      "aws:iam/rolePolicy:RolePolicy mail-task-policy",
      "aws:ecs/taskDefinition:TaskDefinition mail-task",
      "aws:ecs/service:Service mail",
    ]);
  });
});
