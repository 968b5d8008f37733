import { expect } from "chai";
import { JobLedger } from "../../../rehearsal/jobs/ledger";
import { QueuePort } from "../../../rehearsal/jobs/queuePort";
import type { Task } from "../../../rehearsal/world/ecs/task";
import { noFaults } from "../../../rehearsal/world/faults";
import type { Statement } from "../../../rehearsal/world/iam";
import { later, makeQueue, makeWorld, MINUTE, SECOND } from "../world/support";

const ALLOWED: readonly Statement[] = [{ Effect: "Allow", Action: "sqs:*", Resource: "*" }];

const line = (random = () => 0.9) => lineOf(ALLOWED, random);

function lineOf(taskRole: readonly Statement[] | undefined, random = () => 0.9) {
  const { world } = makeWorld();
  const queue = makeQueue(world, { name: "jobs", visibilityTimeoutMs: 30 * SECOND });
  const ledger = new JobLedger(world.clock);
  const task = { arn: "task", taskDefinition: { taskRole } } as unknown as Task;
  const port = new QueuePort({ world, task, ledger, random });
  const said: string[] = [];
  const hear = (call: Promise<readonly unknown[]>): void => {
    call.then(
      (answer) => said.push(`${answer.length}`),
      (error: Error) => said.push(error.message),
    );
  };
  const receive = (waitSeconds = 20) =>
    port.receive({ queueUrl: queue.spec.url, most: 10, waitSeconds, visibilityTimeoutSeconds: 60 });
  return { world, queue, port, said, hear, receive };
}

describe("a container's way to its queue", () => {
  it("brings messages as SQS tells of them, after a while on the network", async () => {
    const { world, queue, said, hear, receive } = line();
    queue.send("hello");
    const received = receive();
    hear(received);
    await later(world, 1);
    expect(said).to.deep.equal([]);
    await later(world, SECOND);
    const [message] = await received;
    expect(message).to.include({ messageId: "jobs-00000001", body: "hello", receiveCount: 1 });
    expect(message!.sentAt).to.equal(Date.UTC(2026, 0, 1));
    expect(queue.inFlight).to.equal(1);
  });

  it("waits for a message, and comes back empty when the time is over", async () => {
    const { world, queue, said, hear, receive } = line();
    hear(receive());
    await later(world, 10 * SECOND);
    expect(said).to.deep.equal([]);
    queue.send("at last");
    await later(world, SECOND);
    expect(said).to.deep.equal(["1"]);
    hear(receive());
    await later(world, 21 * SECOND);
    expect(said).to.deep.equal(["1", "0"]);
  });

  it("takes nothing for a container that is gone, neither then nor later", async () => {
    const { world, queue, port, said, hear, receive } = line();
    hear(receive());
    await later(world, SECOND);
    port.close();
    queue.send("too late");
    await later(world, MINUTE);
    expect(said).to.deep.equal([]);
    expect(queue.visible).to.equal(1);
  });

  it("brings no answer to a container that goes meanwhile: what SQS has handed out stays hidden", async () => {
    const { world, queue, port, said, hear, receive } = line();
    queue.send("handed out");
    hear(receive());
    await later(world, 20);
    expect(queue.inFlight).to.equal(1);
    port.close();
    await later(world, 30 * SECOND);
    expect(said).to.deep.equal([]);
    expect(queue.inFlight).to.equal(1);
  });

  it("deletes, and tells which receipts are too old, for good", async () => {
    const { world, queue, port, receive } = line();
    queue.send("hello");
    const received = receive();
    await later(world, SECOND);
    const { receiptHandle } = (await received)[0]!;
    const failures = port.delete(queue.spec.url, [receiptHandle, "jobs-00000009/1"]);
    await later(world, SECOND);
    expect(await failures).to.have.lengthOf(1);
    expect((await failures)[0]).to.include({ receiptHandle: "jobs-00000009/1", isFinal: true });
    expect(queue.counts.deleted).to.equal(1);
  });

  it("is refused what the task's role doesn't allow, and everything without one", async () => {
    for (const role of [undefined, [], [{ Effect: "Allow" as const, Action: "sqs:DeleteMessage", Resource: "*" }]]) {
      const { world, queue, said, hear, receive } = lineOf(role);
      queue.send("secret");
      hear(receive());
      await later(world, SECOND);
      expect(said).to.deep.equal(["sqs:ReceiveMessage: AccessDenied"]);
      expect(queue.visible).to.equal(1);
    }
  });

  it("leads nowhere where there is no such queue", async () => {
    const { world, port, said, hear } = line();
    hear(port.receive({ queueUrl: "https://other", most: 1, waitSeconds: 0, visibilityTimeoutSeconds: 60 }));
    await later(world, SECOND);
    expect(said).to.deep.equal(["sqs:ReceiveMessage: QueueDoesNotExist"]);
  });

  it("may fail on the way there, when SQS does nothing, or on the way back, when it has done it", async () => {
    for (const [drawn, inFlight] of [
      [0.9, 0],
      [0.1, 1],
    ] as const) {
      const { world, queue, said, hear, receive } = line(() => drawn);
      world.faults = { ...noFaults, call: () => "failed" };
      queue.send("hello");
      hear(receive(0));
      await later(world, SECOND);
      expect(said).to.deep.equal(["sqs:ReceiveMessage: no answer"]);
      expect(queue.inFlight).to.equal(inFlight);
    }
  });

  it("may be throttled, when SQS does nothing", async () => {
    const { world, queue, said, hear, receive } = line(() => 0);
    world.faults = { ...noFaults, call: () => "throttled" };
    queue.send("hello");
    hear(receive(0));
    await later(world, SECOND);
    expect(said).to.deep.equal(["sqs:ReceiveMessage: RequestThrottled"]);
    expect(queue.inFlight).to.equal(0);
  });
});
