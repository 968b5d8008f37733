import { expect } from "chai";
import type { Resource } from "../../../rehearsal/deploy/monitor";
import type { Queue } from "../../../rehearsal/world/sqs/queue";
import { arnOf, clusterOn, declared, deployed, problemOf, type Inputs } from "./support";

const QUEUE = "aws:sqs/queue:Queue";

async function read(...resources: readonly Resource[]) {
  const { world, notModelled } = await deployed(resources);
  const queues = new Map([...world.queues.values()].map((queue): [string, Queue] => [queue.spec.name, queue]));
  return { queues, notModelled };
}

const worker = (queues: readonly Inputs[]): Resource[] => {
  const environment = [{ name: "SPOTPROOF_QUEUES", value: JSON.stringify(queues) }];
  const containers = [{ name: "mail", image: "mail:1", cpu: 256, memory: 256, environment }];
  const definition = declared("aws:ecs/taskDefinition:TaskDefinition", "mail", {
    family: "mail",
    containerDefinitions: JSON.stringify(containers),
  });
  const inputs = { cluster: "shop", taskDefinition: arnOf(definition) };
  return [...clusterOn(), definition, declared("aws:ecs/service:Service", "mail", inputs)];
};

describe("deploy: queues", () => {
  it("have SQS's defaults where nothing is said", async () => {
    const { queues, notModelled } = await read(declared(QUEUE, "mail"));
    const { spec } = queues.get("mail")!;
    expect(spec).to.include({ isFifo: false, visibilityTimeoutMs: 30_000, retentionMs: 345_600_000 });
    expect(spec).to.include({ delayMs: 0, receiveWaitMs: 0, redrive: undefined });
    expect(notModelled).to.deep.equal([]);
  });

  it("are FIFO, delayed and waited at as they are declared, and told apart by their URL", async () => {
    const { queues } = await read(
      declared(QUEUE, "orders", {
        fifoQueue: true,
        contentBasedDeduplication: true,
        deduplicationScope: "messageGroup",
        fifoThroughputLimit: "perMessageGroupId",
        delaySeconds: 5,
        receiveWaitTimeSeconds: 20,
      }),
    );
    const { spec } = queues.get("orders.fifo")!;
    expect(spec).to.include({ isFifo: true, contentBasedDeduplication: true, deduplicationScope: "messageGroup" });
    expect(spec).to.include({ delayMs: 5000, receiveWaitMs: 20_000 });
    expect(spec.url).to.match(/\/orders\.fifo$/);
  });

  it("refuse a scope of duplicates that SQS doesn't have", async () => {
    expect(await problemOf([declared(QUEUE, "orders", { fifoQueue: true, deduplicationScope: "group" })])).to.match(
      /queue orders: group is given, queue, messageGroup are allowed/,
    );
  });

  it("know their dead-letter queue, and list one that the program doesn't declare", async () => {
    const dead = declared(QUEUE, "dead");
    const redrivePolicy = (target: unknown): string =>
      JSON.stringify({ deadLetterTargetArn: target, maxReceiveCount: 5 });
    const known = await read(declared(QUEUE, "mail", { redrivePolicy: redrivePolicy(arnOf(dead)) }), dead);
    expect(known.queues.get("mail")!.deadLetterQueue).to.equal(known.queues.get("dead"));
    expect(known.queues.get("mail")!.spec.redrive!.maxReceiveCount).to.equal(5);
    const elsewhere = "arn:aws:sqs:eu-west-1:123456789012:elsewhere";
    const { notModelled } = await read(declared(QUEUE, "mail", { redrivePolicy: redrivePolicy(elsewhere) }));
    expect(notModelled).to.deep.equal([
      `queue mail: what goes to ${elsewhere}, which the program doesn't declare, is gone`,
    ]);
  });

  it("list those that workers take jobs from and the program doesn't declare", async () => {
    const mail = declared(QUEUE, "mail");
    const url = "https://sqs.eu-west-1.amazonaws.com/123456789012/elsewhere";
    const { notModelled } = await read(
      mail,
      ...worker([
        { name: "mail", url: mail.outputs.url },
        { name: "old", url },
      ]),
    );
    expect(notModelled).to.deep.equal([
      `service mail: it takes jobs from ${url}, which the program doesn't declare: nothing is sent there`,
    ]);
  });
});
