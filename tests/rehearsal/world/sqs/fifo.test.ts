import { expect } from "chai";
import type { Queue, QueueSpec } from "../../../../rehearsal/world/sqs/queue";
import { later, makeQueue, makeWorld, MINUTE, SECOND, HOUR } from "../support";

const FIFO: Partial<QueueSpec> = { name: "jobs.fifo", isFifo: true, contentBasedDeduplication: true };

function fifo(spec: Partial<QueueSpec> = {}) {
  const { world } = makeWorld();
  return { world, queue: makeQueue(world, { ...FIFO, ...spec }) };
}

/** `a1 b1`: the first letter is the group. */
const send = (queue: Queue, bodies: string): void => {
  for (const body of bodies.split(" ")) queue.send(body, { groupId: body[0]! });
};

const received = (queue: Queue, limit = 10): string => {
  const messages = queue.receive(limit);
  return messages.map(({ body }) => body).join(" ");
};

describe("SQS: FIFO queues", () => {
  it("give a group's messages in order, as many of one group as there are before those of another", () => {
    const { queue } = fifo();
    send(queue, "a1 b1 a2 b2 a3");
    expect(received(queue, 2)).to.equal("a1 a2");
    expect(received(queue)).to.equal("b1 b2");
  });

  it("give nothing of a group of which a message is in flight", async () => {
    const { world, queue } = fifo();
    send(queue, "a1 a2 b1");
    const [first] = queue.receive(1);
    expect(received(queue)).to.equal("b1");
    queue.delete(first!.receiptHandle);
    expect(received(queue)).to.equal("a2");
    send(queue, "a3");
    expect(received(queue)).to.equal("");
    await later(world, 31 * SECOND);
    expect(received(queue)).to.equal("a2 a3 b1");
  });

  it("block a group while one of its messages is given time after a failure", async () => {
    const { world, queue } = fifo();
    send(queue, "a1 a2");
    const [failed] = queue.receive(1);
    queue.changeVisibility(failed!.receiptHandle, 2 * MINUTE);
    await later(world, MINUTE);
    expect(received(queue)).to.equal("");
    await later(world, MINUTE + SECOND);
    expect(received(queue)).to.equal("a1 a2");
  });

  it("tell who polls that a group can be received again", async () => {
    const { world, queue } = fifo();
    send(queue, "a1 a2");
    const [first] = queue.receive(1);
    let told = "";
    queue.poll({ most: 1, waitMs: 20 * SECOND }, ([message]) => (told = message?.body ?? "none"));
    await later(world, SECOND);
    queue.delete(first!.receiptHandle);
    await later(world, SECOND);
    expect(told).to.equal("a2");
  });

  it("take the same message once in five minutes, by its id or by what is in it", async () => {
    const { world, queue } = fifo();
    const first = queue.send("pay", { groupId: "a" });
    expect(queue.send("pay", { groupId: "b" }), "the queue's whole").to.equal(first);
    queue.send("pay", { groupId: "a", deduplicationId: "second" });
    expect(queue.messages.size).to.equal(2);
    await later(world, 5 * MINUTE + 1);
    expect(queue.send("pay", { groupId: "a" })).not.to.equal(first);
  });

  it("look for duplicates in a group only, where that is their scope", () => {
    const { queue } = fifo({ deduplicationScope: "messageGroup" });
    const first = queue.send("pay", { groupId: "a" });
    expect(queue.send("pay", { groupId: "b" })).not.to.equal(first);
    expect(queue.send("pay", { groupId: "a" })).to.equal(first);
  });

  it("refuse a message without group, without a way to know duplicates, or with a delay of its own", () => {
    const { queue } = fifo();
    expect(() => queue.send("x")).to.throw(/jobs.fifo has no group: MessageGroupId must be given/);
    expect(() => queue.send("x", { groupId: "a", delayMs: SECOND })).to.throw(/has a delay of its own/);
    const bare = fifo({ contentBasedDeduplication: false }).queue;
    expect(() => bare.send("x", { groupId: "a" })).to.throw(/has no deduplication id/);
  });

  it("delete nothing by a receipt whose visibility is over", async () => {
    const { world, queue } = fifo();
    send(queue, "a1");
    const [first] = queue.receive(1);
    await later(world, 31 * SECOND);
    expect(queue.delete(first!.receiptHandle)).to.equal(false);
    expect(queue.messages.size).to.equal(1);
  });

  it("move what fails too often out of its group's way, and count its age anew", async () => {
    const { world } = makeWorld();
    const dead = makeQueue(world, { ...FIFO, name: "dead.fifo", retentionMs: HOUR });
    const queue = makeQueue(world, { ...FIFO, redrive: { deadLetterTargetArn: dead.spec.arn, maxReceiveCount: 1 } });
    queue.deadLetterQueue = dead;
    send(queue, "a1 a2");
    queue.receive(1);
    await later(world, MINUTE);
    expect(received(queue)).to.equal("a2");
    const [moved] = dead.messages.values();
    expect([moved!.body, moved!.groupId, moved!.sentAt]).to.deep.equal(["a1", "a", MINUTE]);
  });

  it("forget a group's place when its first message is too old", async () => {
    const { world, queue } = fifo({ retentionMs: MINUTE });
    send(queue, "a1");
    await later(world, 30 * SECOND);
    send(queue, "a2 b1");
    await later(world, 40 * SECOND);
    expect(received(queue)).to.equal("a2 b1");
  });
});
