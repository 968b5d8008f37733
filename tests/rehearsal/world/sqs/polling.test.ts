import { expect } from "chai";
import type { ReceivedMessage } from "../../../../rehearsal/world/sqs/queue";
import { later, makeQueue, makeWorld, MINUTE, SECOND } from "../support";

/** What each poll was answered, and when. */
function polling(spec: Parameters<typeof makeQueue>[1] = {}) {
  const { world } = makeWorld();
  const queue = makeQueue(world, spec);
  const answers: string[] = [];
  const poll = (name: string, waitMs?: number, most = 1): { cancel(): void } =>
    queue.poll({ most, waitMs }, (messages: readonly ReceivedMessage[]) =>
      answers.push(`${name} ${world.clock.now / SECOND} ${messages.map(({ body }) => body).join("+")}`.trim()),
    );
  return { world, queue, answers, poll };
}

describe("SQS: long polling", () => {
  it("answers as soon as there is a message, and with none when the time is over", async () => {
    const { world, queue, answers, poll } = polling();
    poll("first", 20 * SECOND);
    poll("second", 20 * SECOND);
    await later(world, 3 * SECOND);
    expect(answers).to.deep.equal([]);
    queue.send("a");
    await later(world, MINUTE);
    expect(answers).to.deep.equal(["first 3 a", "second 20"]);
  });

  it("answers at once where there are messages, as many as are asked for", async () => {
    const { world, queue, answers, poll } = polling();
    for (const body of "abc") queue.send(body);
    poll("first", 20 * SECOND, 2);
    expect(answers, "never inside the call").to.deep.equal([]);
    await later(world, SECOND);
    expect(answers).to.deep.equal(["first 0 a+b"]);
  });

  it("gives to whoever waits longest, and who polls again waits behind the others", async () => {
    const { world, queue, answers, poll } = polling();
    const again = (name: string): void => {
      queue.poll({ most: 1, waitMs: 20 * SECOND }, ([message]) => {
        answers.push(`${name} ${message?.body ?? ""}`.trim());
        if (message !== undefined) again(name);
      });
    };
    again("first");
    again("second");
    await later(world, SECOND);
    for (const body of "abcd") queue.send(body);
    await later(world, SECOND);
    expect(answers).to.deep.equal(["first a", "second b", "first c", "second d"]);
    poll("third", 0);
    await later(world, SECOND);
    expect(answers.at(-1)).to.equal("third 2");
  });

  it("receives nothing for who cancels", async () => {
    const { world, queue, answers, poll } = polling();
    const gone = poll("gone", 20 * SECOND);
    poll("stays", 20 * SECOND);
    await later(world, SECOND);
    gone.cancel();
    queue.send("a");
    await later(world, MINUTE / 2);
    expect(answers).to.deep.equal(["stays 1 a"]);
    expect(queue.counts).to.include({ received: 1, emptyReceives: 0 });
  });

  it("waits as long as the queue says, where the poll doesn't, and not at all by default", async () => {
    const waiting = polling({ receiveWaitMs: 5 * SECOND });
    waiting.poll("five");
    const short = polling();
    short.poll("none");
    await later(waiting.world, MINUTE);
    await later(short.world, MINUTE);
    expect([...waiting.answers, ...short.answers]).to.deep.equal(["five 5", "none 0"]);
  });

  it("hears of messages that come back, whose delay is over, or whose visibility is set to 0", async () => {
    const { world, queue, answers, poll } = polling({ visibilityTimeoutMs: 10 * SECOND });
    queue.send("back");
    queue.send("given");
    queue.send("late", { delayMs: 12 * SECOND });
    queue.receive(1);
    const [given] = queue.receive(1);
    for (const name of ["one", "two", "three"]) poll(name, 20 * SECOND);
    await later(world, 5 * SECOND);
    queue.changeVisibility(given!.receiptHandle, 0);
    await later(world, 20 * SECOND);
    expect(answers).to.deep.equal(["one 5 given", "two 10 back", "three 12 late"]);
  });

  it("waits for room where as many messages as SQS allows are in flight", async () => {
    const { world, queue, answers, poll } = polling({ visibilityTimeoutMs: 5 * MINUTE });
    for (let sent = 0; sent <= 120_000; sent++) queue.send(String(sent));
    const receipts: string[] = [];
    while (receipts.length < 120_000) receipts.push(...queue.receive(10).map(({ receiptHandle }) => receiptHandle));
    expect([queue.inFlight, queue.receive(10).length]).to.deep.equal([120_000, 0]);
    poll("waits", 20 * SECOND);
    await later(world, SECOND);
    queue.delete(receipts[7]!);
    await later(world, SECOND);
    expect(answers).to.deep.equal(["waits 1 120000"]);
  });
});
