import { expect } from "chai";
import type { RepeatCause } from "../../../rehearsal/jobs/job";
import { stateOf } from "../../../rehearsal/jobs/job";
import { JobLedger } from "../../../rehearsal/jobs/ledger";
import { noFaults } from "../../../rehearsal/world/faults";
import type { Queue } from "../../../rehearsal/world/sqs/queue";
import type { World } from "../../../rehearsal/world/world";
import { later, makeQueue, makeWorld, MINUTE, SECOND } from "../world/support";

interface Desk {
  readonly world: World;
  readonly queue: Queue;
  readonly ledger: JobLedger;
  readonly messageId: string;
  readonly causes: RepeatCause[];
}

/** One job of a minute, in a queue. */
function desk(): Desk {
  const { world } = makeWorld();
  const queue = makeQueue(world, { name: "jobs", visibilityTimeoutMs: 30 * SECOND });
  const ledger = new JobLedger(world.clock);
  ledger.watch(queue);
  const messageId = queue.send("");
  ledger.submit({ messageId, queue: "high", workMs: MINUTE });
  const causes: RepeatCause[] = [];
  ledger.repeated.subscribe(({ cause }) => causes.push(cause));
  return { world, queue, ledger, messageId, causes };
}

/** A worker receives the message and begins. */
function begin({ queue, ledger, messageId }: Desk, worker: string) {
  const [message] = queue.receive(1);
  if (message === undefined) throw new Error("nothing is visible");
  return { message, attempt: ledger.begin(ledger.of(messageId)!, worker, message.receiveCount) };
}

type First = ReturnType<typeof begin>;

const REASONS: readonly (readonly [RepeatCause, string, (desk: Desk, first: First) => void])[] = [
  ["workerKilled", "its worker was killed", ({ ledger }) => ledger.workerEnded("one", "workerKilled")],
  ["hostLost", "its worker's instance went", ({ ledger }) => ledger.workerEnded("one", "hostLost")],
  [
    "hostLost",
    "the instance went when the job was done, and its message not yet deleted",
    ({ ledger }, { attempt }) => {
      ledger.end(attempt, "done");
      ledger.workerEnded("one", "hostLost");
    },
  ],
  ["givenBack", "it was given back", ({ ledger }, { attempt }) => ledger.end(attempt, "givenBack")],
  ["handlerFailed", "its handler threw", ({ ledger }, { attempt }) => ledger.end(attempt, "failed")],
  ["limit", "SQS's 12 hours were over", ({ ledger }, { attempt }) => ledger.end(attempt, "limit")],
  ["visibilityLapsed", "its visibility timeout lapsed", () => undefined],
  ["visibilityLapsed", "nobody deleted it when it was done", ({ ledger }, { attempt }) => ledger.end(attempt, "done")],
  [
    "heartbeatFailed",
    "the last call for more time failed",
    ({ ledger, messageId }) => {
      ledger.heartbeat(messageId, 1, true);
      ledger.heartbeat(messageId, 1, false);
    },
  ],
  [
    "deleteFailed",
    "the call to delete it failed",
    ({ ledger, messageId }, { attempt }) => {
      ledger.end(attempt, "done");
      ledger.deleteFailed(messageId, 1);
    },
  ],
];

describe("a job that is begun again", () => {
  for (const [cause, why, happens] of REASONS) {
    it(`since ${why}, is counted as ${cause}`, async () => {
      const at = desk();
      happens(at, begin(at, "one"));
      await later(at.world, MINUTE);
      begin(at, "another");
      expect(at.causes).to.deep.equal([cause]);
    });
  }

  it("isn't said to have been, the first time", () => {
    const at = desk();
    begin(at, "one");
    expect(at.causes).to.deep.equal([]);
  });

  it("since SQS delivered it twice, is counted as that, whatever the first worker does", () => {
    const at = desk();
    at.queue.faults = { ...at.queue.faults, deliversTwice: () => true };
    begin(at, "one");
    begin(at, "another");
    expect(at.causes).to.deep.equal(["sqsDuplicate"]);
  });

  it("since SQS delivered it twice, is counted as that where the second receiver is the first to begin, too", async () => {
    const at = desk();
    at.queue.faults = { ...at.queue.faults, deliversTwice: () => true };
    const [first] = at.queue.receive(1);
    const { attempt } = begin(at, "another");
    const job = at.ledger.of(at.messageId)!;
    at.ledger.end(at.ledger.begin(job, "one", first!.receiveCount), "takenOver");
    at.ledger.end(attempt, "failed");
    await later(at.world, MINUTE);
    begin(at, "a third");
    expect(at.causes).to.deep.equal(["sqsDuplicate", "handlerFailed"]);
  });

  it("since SQS gave it to a second receiver that never got it, is counted as that", async () => {
    const at = desk();
    at.queue.faults = { ...at.queue.faults, deliversTwice: () => true };
    const { attempt } = begin(at, "one");
    at.queue.receive(1);
    at.ledger.end(attempt, "takenOver");
    at.queue.faults = noFaults;
    await later(at.world, MINUTE);
    begin(at, "a third");
    expect(at.causes).to.deep.equal(["sqsDuplicate"]);
  });

  it("isn't laid to a call that failed and was heard when it was made again", async () => {
    const at = desk();
    begin(at, "one");
    at.ledger.heartbeat(at.messageId, 1, false);
    at.ledger.heartbeat(at.messageId, 1, true);
    await later(at.world, MINUTE);
    begin(at, "another");
    expect(at.causes).to.deep.equal(["visibilityLapsed"]);
  });
});

describe("a job", () => {
  it("is completed when a worker has done it, whatever becomes of its message", async () => {
    const at = desk();
    const { attempt } = begin(at, "one");
    at.ledger.end(attempt, "done");
    await later(at.world, 11 * MINUTE);
    expect(at.queue.counts.expired).to.equal(1);
    expect(stateOf(at.ledger.jobs[0]!)).to.equal("completed");
  });

  it("is lost where its message expires undone, and where it is deleted undone, and that is told once", async () => {
    const expired = desk();
    const told: string[] = [];
    expired.ledger.lost.subscribe(({ how }) => told.push(how));
    await later(expired.world, 11 * MINUTE);
    expect(stateOf(expired.ledger.jobs[0]!)).to.equal("lost");
    expect(told).to.deep.equal(["its message expired"]);

    const deleted = desk();
    deleted.queue.delete(begin(deleted, "one").message.receiptHandle);
    expect(stateOf(deleted.ledger.jobs[0]!)).to.equal("lost");
  });

  it("is dead-lettered where it was received too often, and isn't lost when it expires there", async () => {
    const { world } = makeWorld();
    const deadLetterQueue = makeQueue(world, { name: "dead" });
    const redrive = { deadLetterTargetArn: deadLetterQueue.spec.arn, maxReceiveCount: 1 };
    const queue = makeQueue(world, { name: "jobs", redrive });
    queue.deadLetterQueue = deadLetterQueue;
    const ledger = new JobLedger(world.clock);
    for (const each of [queue, deadLetterQueue]) ledger.watch(each);
    ledger.submit({ messageId: queue.send(""), queue: "high", workMs: SECOND });
    for (let i = 0; i < 2; i++) {
      queue.receive(1);
      await later(world, MINUTE);
    }
    expect(stateOf(ledger.jobs[0]!)).to.equal("deadLettered");
    await later(world, 20 * MINUTE);
    expect(stateOf(ledger.jobs[0]!)).to.equal("deadLettered");
  });

  it("is as far as its worker has come, and goes on from what a checkpoint kept", async () => {
    const at = desk();
    const { attempt } = begin(at, "one");
    await later(at.world, 20 * SECOND);
    at.ledger.checkpoint(attempt);
    await later(at.world, 20 * SECOND);
    expect(at.ledger.progressOf(attempt)).to.equal(40 * SECOND);
    at.ledger.end(attempt, "givenBack");
    const { attempt: next } = begin(at, "another");
    expect(at.ledger.progressOf(next)).to.equal(20 * SECOND);
    await later(at.world, 15 * SECOND);
    expect(at.ledger.progressOf(next)).to.equal(35 * SECOND);
  });
});
