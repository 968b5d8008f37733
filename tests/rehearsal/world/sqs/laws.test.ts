import { expect } from "chai";
import fc from "fast-check";
import { LiveHeap } from "../../../../rehearsal/world/sqs/liveHeap";
import type { Queue, ReceivedMessage } from "../../../../rehearsal/world/sqs/queue";
import type { World } from "../../../../rehearsal/world/world";
import { later, makeQueue, makeWorld, MINUTE, SECOND } from "../support";
import { NaiveQueue } from "./naiveQueue";

interface Real {
  readonly world: World;
  readonly queue: Queue;
  /** Every one that was given. */
  readonly receipts: string[];
}

type Apply = (naive: NaiveQueue, real: Real) => void | Promise<void>;

/** Done to both queues, which must answer and count the same. */
class Operation implements fc.AsyncCommand<NaiveQueue, Real> {
  constructor(
    private readonly name: string,
    private readonly apply: Apply,
  ) {}

  check(): boolean {
    return true;
  }

  async run(naive: NaiveQueue, real: Real): Promise<void> {
    await this.apply(naive, real);
    const { visible, inFlight, delayed, counts } = real.queue;
    expect({ visible, inFlight, delayed }).to.deep.equal(naive.counts());
    expect(counts.deadLettered).to.equal(naive.moved.length);
  }

  toString(): string {
    return this.name;
  }
}

/** The world's messages are numbered as the plain one's. */
const idOf = (messageId: string): number => parseInt(messageId.slice(messageId.lastIndexOf("-") + 1), 16);

const seconds = (most: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: most });

const sends = (isFifo: boolean) =>
  fc.tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom(0, 0, 7)).map(
    ([groupId, delay]) =>
      new Operation(isFifo ? `send to ${groupId}` : `send, visible in ${delay} s`, (naive, { queue }) => {
        const delayMs = isFifo ? 0 : delay * SECOND;
        queue.send("body", isFifo ? { groupId, deduplicationId: String(queue.counts.sent) } : { delayMs });
        naive.send(groupId, delayMs);
      }),
  );

const receives = fc.tuple(fc.integer({ min: 1, max: 4 }), seconds(20)).map(
  ([limit, timeout]) =>
    new Operation(`receive ${limit} for ${timeout} s`, (naive, { queue, receipts }) => {
      const given = queue.receive(limit, timeout * SECOND);
      const wanted = naive.receive(limit, timeout * SECOND);
      expect(given.map(({ messageId }) => idOf(messageId))).to.deep.equal(wanted.map(({ id }) => id));
      receipts.push(...given.map(({ receiptHandle }) => receiptHandle));
    }),
);

/** By one of the receipts so far, the last ones first; many are old. */
const byReceipt = (name: string, apply: (naive: NaiveQueue, queue: Queue, receipt: string, naively: string) => void) =>
  fc.nat(20).map(
    (back) =>
      new Operation(`${name} by receipt ${back} from the last`, (naive, { queue, receipts }) => {
        const receipt = receipts.at(-1 - back);
        if (receipt === undefined) return;
        const [messageId = "", count = ""] = receipt.split("/");
        apply(naive, queue, receipt, `${idOf(messageId)}/${count}`);
      }),
  );

const deletes = byReceipt("delete", (naive, queue, receipt, naively) =>
  expect(queue.delete(receipt)).to.equal(naive.delete(naively)),
);

const hides = seconds(15).chain((timeout) =>
  byReceipt(`hide for ${timeout} s`, (naive, queue, receipt, naively) =>
    expect(queue.changeVisibility(receipt, timeout * SECOND)).to.equal(
      naive.changeVisibility(naively, timeout * SECOND),
    ),
  ),
);

const waits = seconds(25).map(
  (time) =>
    new Operation(`wait ${time} s`, async (naive, { world }) => {
      await later(world, time * SECOND);
      naive.now = world.clock.now;
    }),
);

describe("SQS: laws", () => {
  for (const isFifo of [false, true]) {
    it(`a ${isFifo ? "FIFO" : "standard"} queue does what the plainest one does`, async () => {
      const send = sends(isFifo);
      const operations = fc.commands([send, send, receives, receives, deletes, hides, waits], { size: "+1" });
      const law = fc.asyncProperty(operations, fc.boolean(), async (commands, redrives) => {
        const { world } = makeWorld();
        const redrive = redrives ? { deadLetterTargetArn: "dead", maxReceiveCount: 4 } : undefined;
        const queue = makeQueue(world, { isFifo, redrive, retentionMs: 2 * MINUTE });
        await fc.asyncModelRun(
          () => ({ model: new NaiveQueue(queue.spec), real: { world, queue, receipts: [] } }),
          commands,
        );
      });
      await fc.assert(law, { numRuns: 200 });
    });
  }

  it("a message that is sent is deleted, moved, too old or still there, however often some are given twice", async () => {
    const steps = fc.array(fc.tuple(fc.constantFrom("send", "receive", "delete", "hide", "wait"), fc.nat(9)), {
      size: "+1",
    });
    const law = fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (all, nth) => {
      const { world } = makeWorld();
      const queue = makeQueue(world, {
        retentionMs: 2 * MINUTE,
        redrive: { deadLetterTargetArn: "dead", maxReceiveCount: 3 },
      });
      let draws = 0;
      queue.faults = { ...queue.faults, deliversTwice: () => ++draws % nth === 0 };
      const given: ReceivedMessage[] = [];
      for (const [step, n] of all) {
        const receipt = given.at(-1 - n)?.receiptHandle ?? "";
        if (step === "send") queue.send("body");
        if (step === "receive") given.push(...queue.receive(n + 1));
        if (step === "delete") queue.delete(receipt);
        if (step === "hide") queue.changeVisibility(receipt, n * SECOND);
        if (step === "wait") await later(world, n * 5 * SECOND);
      }
      const { size } = queue.messages;
      const { sent, deleted, deadLettered, expired } = queue.counts;
      expect(sent).to.equal(deleted + deadLettered + expired + size);
      expect(size).to.equal(queue.visible + queue.inFlight + queue.delayed);
      expect(new Set(given.map(({ receiptHandle }) => receiptHandle)).size, "receipts").to.equal(given.length);
    });
    await fc.assert(law, { numRuns: 200 });
  });

  it("a receive walks over none of 100,000 messages", () => {
    const queue = makeQueue(makeWorld().world);
    for (let sent = 0; sent < 100_000; sent++) queue.send("body");
    const { messages } = queue;
    let walked = 0;
    for (const walk of ["values", "keys", "entries", "forEach", Symbol.iterator] as const) {
      Object.defineProperty(messages, walk, { value: () => walked++ });
    }
    for (let taken = 0; taken < 1000; taken++) queue.delete(queue.receive(1)[0]!.receiptHandle);
    expect([walked, queue.visible]).to.deep.equal([0, 99_000]);
  });
});

describe("LiveHeap", () => {
  it("compares as often as its depth asks, and keeps no more than twice of what is live", () => {
    const count = 50_000;
    let compared = 0;
    const dead = new Set<number>();
    const heap = new LiveHeap<number>(
      (a, b) => (compared++, a - b),
      (item) => !dead.has(item),
    );
    for (let item = 0; item < count; item++) heap.push((item * 7919) % count, item);
    expect(compared / count).to.be.below(Math.log2(count));
    compared = 0;
    expect([heap.pop(), heap.pop(), heap.pop()]).to.deep.equal([0, 1, 2]);
    expect(compared).to.be.below(3 * 2 * Math.ceil(Math.log2(count)));
    for (let item = 0; item < count - 10; item++) dead.add(item);
    heap.push(count, 11);
    expect(heap.size).to.equal(11);
    expect(heap.peek()).to.equal(count - 10);
  });

  it("gives what is live in order", () => {
    const law = fc.property(fc.array(fc.tuple(fc.nat(50), fc.boolean())), (items) => {
      const heap = new LiveHeap<readonly [number, boolean]>(
        ([a], [b]) => a - b,
        ([, isLive]) => isLive,
      );
      for (const item of items) heap.push(item, 0);
      const live = items.filter(([, isLive]) => isLive).map(([item]) => item);
      const given = live.map(() => heap.pop()![0]);
      expect(given).to.deep.equal(live.sort((a, b) => a - b));
      expect(heap.pop()).to.equal(undefined);
    });
    fc.assert(law);
  });
});
