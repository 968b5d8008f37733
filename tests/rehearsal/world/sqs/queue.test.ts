import { expect } from "chai";
import { HOUR, later, makeQueue, makeWorld, MINUTE, SECOND } from "../support";

describe("SQS", () => {
  it("hides a received message for the visibility timeout, and gives it again with another receipt", async () => {
    const { world } = makeWorld();
    const queue = makeQueue(world);
    queue.send("one");
    const [first] = queue.receive(10).map(({ receiptHandle }) => receiptHandle);
    expect(queue.receive(10)).to.have.length(0);
    expect(queue.inFlight).to.equal(1);
    await later(world, 30 * SECOND + 1);
    const [again] = queue.receive(10);
    expect(again!.receiveCount).to.equal(2);
    queue.delete(first!);
    expect(queue.messages.size, "an old receipt deletes nothing").to.equal(1);
    queue.delete(again!.receiptHandle);
    expect(queue.messages.size).to.equal(0);
  });

  it("hides a delayed message until its delay is over, the queue's own or the message's", async () => {
    const { world } = makeWorld();
    const queue = makeQueue(world, { delayMs: 5 * SECOND });
    queue.send("queue's");
    queue.send("own", { delayMs: 20 * SECOND });
    const bodies = (): string[] => queue.receive(10).map((message) => message.body);
    expect(bodies()).to.deep.equal([]);
    await later(world, 6 * SECOND);
    expect(bodies()).to.deep.equal(["queue's"]);
    await later(world, 15 * SECOND);
    expect(bodies()).to.deep.equal(["own"]);
  });

  it("gives at most as many messages as asked for", () => {
    const queue = makeQueue(makeWorld().world);
    for (const body of "abcde") queue.send(body);
    expect(queue.receive(3)).to.have.length(3);
    expect(queue.receive(3)).to.have.length(2);
  });

  it("moves a message when its receive count would exceed the maximum: after three receives of three", async () => {
    const { world } = makeWorld();
    const dead = makeQueue(world, { name: "dead" });
    const queue = makeQueue(world, { redrive: { deadLetterTargetArn: dead.spec.arn, maxReceiveCount: 3 } });
    queue.deadLetterQueue = dead;
    queue.send("poison");
    for (let receive = 1; receive <= 3; receive++) {
      expect(queue.receive(1), `receive ${receive}`).to.have.length(1);
      await later(world, 31 * SECOND);
    }
    expect(queue.receive(1)).to.have.length(0);
    expect([queue.messages.size, queue.counts.deadLettered, dead.messages.size]).to.deep.equal([0, 1, 1]);
  });

  it("keeps the original age of a message in the dead-letter queue", async () => {
    const { world } = makeWorld();
    const dead = makeQueue(world, { name: "dead", retentionMs: 2 * MINUTE });
    const queue = makeQueue(world, { redrive: { deadLetterTargetArn: dead.spec.arn, maxReceiveCount: 1 } });
    queue.deadLetterQueue = dead;
    queue.send("poison");
    queue.receive(1);
    await later(world, 100 * SECOND);
    queue.receive(1);
    expect([...dead.messages.values()].map((message) => message.sentAt)).to.deep.equal([0]);
    await later(world, 21 * SECOND);
    expect(dead.receive(1)).to.have.length(0);
    expect(dead.counts.expired).to.equal(1);
  });

  it("drops a message whose retention is over", async () => {
    const { world } = makeWorld();
    const queue = makeQueue(world, { retentionMs: MINUTE });
    queue.send("old");
    await later(world, MINUTE);
    expect(queue.receive(1)).to.have.length(0);
    expect([queue.counts.expired, queue.messages.size]).to.deep.equal([1, 0]);
  });

  it("changes the visibility of what is in flight, from now on, at most 12 hours from its receive", async () => {
    const { world } = makeWorld();
    const queue = makeQueue(world, { retentionMs: 24 * HOUR });
    queue.send("work");
    const receipt = queue.receive(1)[0]!.receiptHandle;
    await later(world, 20 * SECOND);
    expect(queue.changeVisibility(receipt, 2 * MINUTE)).to.equal(true);
    await later(world, 119 * SECOND);
    expect(queue.receive(1)).to.have.length(0);
    expect(queue.changeVisibility(receipt, 12 * HOUR)).to.equal(false);
    await later(world, 2 * SECOND);
    expect(queue.changeVisibility(receipt, MINUTE), "no longer in flight").to.equal(false);
    expect(queue.receive(1)).to.have.length(1);
  });

  it("can't change the visibility of a message that is only delayed", () => {
    const queue = makeQueue(makeWorld().world);
    const id = queue.send("later", { delayMs: MINUTE });
    expect(queue.changeVisibility(`${id}/1`, 0)).to.equal(false);
  });

  it("returns a message at once when its visibility is set to 0", () => {
    const queue = makeQueue(makeWorld().world);
    queue.send("back");
    const receipt = queue.receive(1)[0]!.receiptHandle;
    queue.changeVisibility(receipt, 0);
    expect(queue.receive(1)).to.have.length(1);
  });

  it("gives a message to one receiver more, as often as the faults say, and takes the latest receipt only", () => {
    const queue = makeQueue(makeWorld().world);
    const draws = [true, false];
    queue.faults = { ...queue.faults, deliversTwice: () => draws.shift() ?? false };
    const duplicates: boolean[] = [];
    queue.events.received.subscribe(({ isDuplicate }) => duplicates.push(isDuplicate));
    queue.send("twice");
    const [first] = queue.receive(10);
    const [second, ...others] = queue.receive(10);
    expect([second!.messageId, second!.receiveCount, others.length]).to.deep.equal([first!.messageId, 2, 0]);
    expect([duplicates, queue.inFlight, queue.receive(10)]).to.deep.equal([[false, true], 1, []]);
    expect(queue.delete(first!.receiptHandle)).to.equal(false);
    expect(queue.delete(second!.receiptHandle)).to.equal(true);
  });

  it("gives no second time what was deleted before anybody else received it", () => {
    const queue = makeQueue(makeWorld().world);
    queue.faults = { ...queue.faults, deliversTwice: () => true };
    queue.send("once");
    queue.delete(queue.receive(1)[0]!.receiptHandle);
    expect(queue.receive(1)).to.have.length(0);
  });

  it("gives the oldest first, and what was received three times after all that came before it came back", async () => {
    const { world } = makeWorld();
    const queue = makeQueue(world, { visibilityTimeoutMs: SECOND });
    queue.send("failing");
    await later(world, 1);
    queue.send("meanwhile");
    const received: string[] = [];
    for (let time = 1; time <= 3; time++) {
      received.push(queue.receive(1)[0]!.body);
      await later(world, SECOND + 1);
    }
    queue.send("last");
    received.push(...queue.receive(10).map(({ body }) => body));
    expect(received).to.deep.equal(["failing", "failing", "failing", "meanwhile", "failing", "last"]);
  });

  it("mixes the messages of some seconds where the order is only best effort", async () => {
    const bodies = async (flags: Parameters<typeof makeWorld>[0]): Promise<string[]> => {
      const { world } = makeWorld(flags);
      const queue = makeQueue(world);
      for (let sent = 0; sent < 30; sent++) {
        queue.send(String(sent));
        await later(world, SECOND);
      }
      return Array.from({ length: 30 }, () => queue.receive(1)[0]!.body);
    };
    const inOrder = Array.from({ length: 30 }, (_, sent) => String(sent));
    expect(await bodies({})).to.deep.equal(inOrder);
    const mixed = await bodies({ sqsOrder: "mixed" });
    expect(mixed).not.to.deep.equal(inOrder);
    expect(mixed.every((sent, index) => Math.abs(Number(sent) - index) <= 10)).to.equal(true);
    expect(await bodies({ sqsOrder: "mixed" }), "the same seed").to.deep.equal(mixed);
  });

  it("tells of what is too old when it is, whoever looks", async () => {
    const { world } = makeWorld();
    const queue = makeQueue(world, { retentionMs: MINUTE });
    const expired: number[] = [];
    queue.events.expired.subscribe(() => expired.push(world.clock.now));
    queue.send("old");
    await later(world, 2 * MINUTE);
    expect(expired).to.deep.equal([MINUTE]);
  });

  it("tells of a message when it can be received, once more when it comes back, and not of a deleted one", async () => {
    const { world } = makeWorld();
    const queue = makeQueue(world);
    let told = 0;
    queue.available.subscribe(() => told++);
    queue.send("one");
    expect(told).to.equal(1);
    queue.receive(1);
    await later(world, 31 * SECOND);
    expect(told).to.equal(2);
    const [message] = queue.receive(1);
    queue.delete(message!.receiptHandle);
    await later(world, MINUTE);
    expect(told).to.equal(2);
  });
});
