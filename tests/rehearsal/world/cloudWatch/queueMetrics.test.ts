import { expect } from "chai";
import { keyOf, type Statistic } from "../../../../rehearsal/world/cloudWatch/metric";
import type { Flags } from "../../../../rehearsal/world/flags";
import { HOUR, later, makeQueue, makeWorld, MINUTE, SECOND } from "../support";

/** A world with one queue; `told` is what was told of the minutes from one to another, and can be read by now. */
function telling(flags: Partial<Flags> = {}) {
  const { world } = makeWorld(flags);
  const queue = makeQueue(world, { name: "jobs", visibilityTimeoutMs: HOUR, retentionMs: 100 * HOUR });
  const told = (name: string, from: number, to: number, statistic: Statistic = "Sum"): number | undefined => {
    const key = keyOf({ namespace: "AWS/SQS", name, dimensions: { QueueName: "jobs" } });
    return world.metrics.read(key, statistic, from, to, world.clock.now);
  };
  const waitingIn = (minute: number): number | undefined =>
    told("ApproximateNumberOfMessagesVisible", minute, minute + MINUTE, "Maximum");
  return { world, queue, told, waitingIn };
}

describe("CloudWatch: what SQS tells", () => {
  it("is the messages that wait, those in flight or delayed, and the age of the oldest", async () => {
    const { world, queue, told } = telling();
    await world.run(30 * SECOND);
    for (const body of ["one", "two", "three"]) queue.send(body);
    queue.send("later", { delayMs: HOUR });
    queue.receive(1);
    await later(world, 10 * MINUTE);
    const names = ["MessagesVisible", "MessagesNotVisible", "MessagesDelayed"].map((of) => `ApproximateNumberOf${of}`);
    const read = [...names, "ApproximateAgeOfOldestMessage"].map((name) => told(name, 0, MINUTE, "Maximum"));
    expect(read).to.deep.equal([2, 1, 1, 30]);
  });

  it("is how many were sent, received, deleted and asked for in vain in each minute", async () => {
    const { world, queue, told } = telling();
    await world.run(MINUTE + SECOND);
    queue.send("one");
    queue.send("two");
    queue.delete(queue.receive(1)[0]!.receiptHandle);
    await later(world, MINUTE);
    queue.receive(10);
    queue.receive(10);
    queue.poll({ most: 1, waitMs: SECOND }, () => undefined);
    await later(world, 10 * MINUTE);
    const minutes = (name: string) => [0, 1, 2, 3].map((minute) => told(name, minute * MINUTE, (minute + 1) * MINUTE));
    expect(minutes("NumberOfMessagesSent")).to.deep.equal([0, 2, 0, 0]);
    expect(minutes("NumberOfMessagesReceived")).to.deep.equal([0, 1, 1, 0]);
    expect(minutes("NumberOfMessagesDeleted")).to.deep.equal([0, 1, 0, 0]);
    expect(minutes("NumberOfEmptyReceives")).to.deep.equal([0, 0, 2, 0]);
  });

  it("leaves the age of a message out that was received three times", async () => {
    const { world, queue, told } = telling();
    queue.send("poison");
    for (let receive = 0; receive < 3; receive++) queue.receive(1, 0);
    await world.run(30 * SECOND);
    queue.send("young");
    await later(world, 10 * MINUTE);
    expect(told("ApproximateAgeOfOldestMessage", 0, MINUTE, "Maximum")).to.equal(30);
  });

  it("is no number where there is none of it, if the flag says so; what waits is always told", async () => {
    for (const sqsReportsZero of [true, false]) {
      const { world, told, waitingIn } = telling({ sqsReportsZero });
      await world.run(10 * MINUTE);
      const none = sqsReportsZero ? 0 : undefined;
      expect(told("ApproximateNumberOfMessagesNotVisible", 0, MINUTE)).to.equal(none);
      expect(told("ApproximateAgeOfOldestMessage", 0, MINUTE)).to.equal(none);
      expect(waitingIn(0)).to.equal(0);
    }
  });

  it("ends six hours after the last call to an empty queue", async () => {
    const { world, queue, waitingIn } = telling();
    await world.run(HOUR + SECOND);
    queue.receive(1);
    await later(world, 7 * HOUR);
    expect([waitingIn(7 * HOUR - MINUTE), waitingIn(7 * HOUR + MINUTE)]).to.deep.equal([0, undefined]);
  });

  it("doesn't end while there is a message", async () => {
    const { world, queue, waitingIn } = telling();
    queue.send("forgotten");
    await world.run(9 * HOUR);
    expect(waitingIn(8 * HOUR)).to.equal(1);
  });

  for (const sqsWakesLateMinutes of [0, 15] as const) {
    it(`begins again ${sqsWakesLateMinutes} minutes after a queue has woken, with what was meanwhile`, async () => {
      const { world, queue, waitingIn } = telling({ sqsWakesLateMinutes });
      await world.run(8 * HOUR);
      queue.send("job");
      await later(world, 5 * MINUTE);
      expect(waitingIn(8 * HOUR)).to.equal(sqsWakesLateMinutes === 0 ? 1 : undefined);
      await later(world, 12 * MINUTE);
      expect(waitingIn(8 * HOUR)).to.equal(1);
    });
  }
});
