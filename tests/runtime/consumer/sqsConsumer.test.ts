import { expect } from "chai";
import { RetrySoon } from "./retrySoon";
import { HIGH, LOW, QUEUES, Stage } from "./support";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

describe("an SQS consumer", () => {
  it("does a job and deletes its message", async () => {
    const stage = new Stage();
    stage.consumer();
    const id = stage.sqs.send(HIGH, "100");
    await stage.clock.goOn(SECOND);
    expect(stage.finished).to.deep.equal([id]);
    expect(stage.sqs.deleted).to.deep.equal([id]);
    expect(stage.kinds()).to.deep.equal(["received", "started", "done"]);
  });

  it("takes what is of higher priority first, whenever it came", async () => {
    const stage = new Stage();
    const low = [stage.sqs.send(LOW, "1000"), stage.sqs.send(LOW, "1000"), stage.sqs.send(LOW, "1000")];
    const first = stage.sqs.send(HIGH, "1000");
    stage.consumer();
    await stage.clock.goOn(1500);
    const second = stage.sqs.send(HIGH, "1000");
    await stage.clock.goOn(MINUTE);
    expect(stage.begun).to.deep.equal([first, low[0], second, low[1], low[2]]);
  });

  it("never has more in hand than it works on", async () => {
    const stage = new Stage();
    for (let count = 0; count < 30; count++) stage.sqs.send(count % 2 === 0 ? HIGH : LOW, "1000");
    const consumer = stage.consumer({ concurrency: 4 });
    for (let step = 0; step < 100; step++) {
      await stage.clock.goOn(100);
      expect(stage.sqs.hidden(HIGH).length + stage.sqs.hidden(LOW).length).to.be.at.most(4 + 4);
      expect(consumer.inProgress - stage.atOnce).to.be.at.most(4);
    }
    expect(stage.mostAtOnce).to.equal(4);
    expect(stage.finished).to.have.length(30);
  });

  it("asks for ten at once where it has room, and deletes ten at once", async () => {
    const stage = new Stage();
    for (let count = 0; count < 100; count++) stage.sqs.send(HIGH, "5");
    stage.consumer({ concurrency: 50 });
    await stage.clock.goOn(5 * SECOND);
    expect(stage.finished).to.have.length(100);
    expect(stage.sqs.calls.delete).to.be.at.most(25);
    expect(stage.sqs.requests.filter(({ queueUrl }) => queueUrl === HIGH).length).to.be.at.most(40);
  });

  it("waits at every queue where it has a slot for each, and takes turns where it has one only", async () => {
    const two = new Stage();
    two.consumer({ concurrency: 2 });
    await two.clock.goOn(SECOND);
    const waits = two.sqs.requests.filter(({ waitSeconds }) => waitSeconds > 0);
    expect(waits.map(({ queueUrl, waitSeconds }) => [queueUrl, waitSeconds])).to.deep.equal([
      [HIGH, 20],
      [LOW, 5],
    ]);
    const one = new Stage();
    one.consumer();
    await one.clock.goOn(18 * SECOND);
    const turns = one.sqs.requests.filter(({ waitSeconds }) => waitSeconds > 0).map(({ queueUrl }) => queueUrl);
    expect(turns.slice(0, 4)).to.deep.equal([HIGH, LOW, HIGH, LOW]);
  });

  it("begins what comes while it waits within a turn", async () => {
    const stage = new Stage();
    stage.consumer();
    await stage.clock.goOn(10 * SECOND);
    const id = stage.sqs.send(LOW, "10");
    await stage.clock.goOn(6 * SECOND);
    expect(stage.finished).to.deep.equal([id]);
  });

  it("shares its slots by weight where polling is weighted", async () => {
    const stage = new Stage();
    for (let count = 0; count < 40; count++) {
      stage.sqs.send(HIGH, "100");
      stage.sqs.send(LOW, "100");
    }
    const [high, low] = QUEUES;
    stage.consumer({ queues: [{ ...high!, weight: 3 }, low!], polling: "weighted" });
    await stage.clock.goOn(4 * SECOND);
    const begun = stage.of("started").map(({ queue }) => queue);
    const ofLow = begun.slice(0, 24).filter((queue) => queue === "low");
    expect(ofLow).to.have.length(6);
  });

  it("keeps a long job hidden from other workers", async () => {
    const stage = new Stage();
    const id = stage.sqs.send(HIGH, String(3 * HOUR));
    stage.consumer();
    await stage.clock.goOn(SECOND);
    for (let minute = 0; minute < 179; minute++) {
      await stage.clock.goOn(MINUTE);
      expect(stage.sqs.hidden(HIGH)).to.deep.equal([id]);
    }
    await stage.clock.goOn(2 * MINUTE);
    expect(stage.sqs.deleted).to.deep.equal([id]);
    expect(stage.sqs.calls.changeVisibility).to.be.within(300, 420);
  });

  it("goes on when a heartbeat fails, and says so", async () => {
    const stage = new Stage();
    const id = stage.sqs.send(HIGH, String(5 * MINUTE));
    stage.consumer();
    await stage.clock.goOn(SECOND);
    let failures = 0;
    stage.sqs.fails = (call) => call === "changeVisibility" && failures++ < 8;
    await stage.clock.goOn(6 * MINUTE);
    expect(stage.of("heartbeatFailed")).to.have.length(1);
    expect(stage.begun).to.deep.equal([id]);
    expect(stage.sqs.deleted).to.deep.equal([id]);
  });

  it("tells a handler whose message went on to another worker", async () => {
    const stage = new Stage();
    stage.sqs.send(HIGH, "0");
    let aborted = "";
    stage.consumer({
      handler: async ({ signal }) => {
        signal.addEventListener("abort", () => (aborted = String(signal.reason)));
        await stage.clock.wait(10 * MINUTE);
      },
    });
    await stage.clock.goOn(SECOND);
    stage.sqs.fails = (call) => call === "changeVisibility";
    await stage.clock.goOn(61 * SECOND);
    stage.sqs.fails = () => false;
    await stage.clock.goOn(MINUTE);
    expect(aborted).to.contain("taken away").and.contain("MessageNotInflight");
    expect(stage.of("takenOver")).to.have.length(1);
  });

  it("holds a failed message back for longer each time, and leaves it to the dead letters at last", async () => {
    const stage = new Stage(3);
    const id = stage.sqs.send(HIGH, "0");
    stage.consumer({ handler: () => Promise.reject(new Error("broken")) });
    await stage.clock.goOn(2 * MINUTE);
    expect(stage.of("failed").map(({ retryInSeconds }) => retryInSeconds)).to.deep.equal([3, 7, 15]);
    expect(stage.sqs.deadLetters).to.deep.equal([id]);
  });

  it("takes an error's word for when to try again", async () => {
    const stage = new Stage();
    stage.sqs.send(HIGH, "0");
    stage.consumer({ handler: () => Promise.reject(new RetrySoon(120)) });
    await stage.clock.goOn(10 * SECOND);
    expect(stage.of("failed")[0]!.retryInSeconds).to.equal(120);
  });

  it("says which message group waits for a message that failed, and does the group in order", async () => {
    const stage = new Stage();
    const url = "https://sqs.test/orders.fifo";
    const [first, second] = [stage.sqs.send(url, "a", "g"), stage.sqs.send(url, "b", "g")];
    const other = stage.sqs.send(url, "c", "h");
    let fails = true;
    const done: string[] = [];
    stage.consumer({
      queues: [{ name: "orders", url }],
      concurrency: 3,
      handler: ({ id }) => {
        if (id === first && fails) return Promise.reject(new Error("not yet"));
        done.push(id);
        return Promise.resolve();
      },
    });
    await stage.clock.goOn(SECOND);
    expect(done).to.deep.equal([other]);
    expect(stage.of("groupBlocked").map(({ groupId, jobId }) => [groupId, jobId])).to.deep.equal([["g", first]]);
    fails = false;
    await stage.clock.goOn(MINUTE);
    expect(done).to.deep.equal([other, first, second]);
  });

  it("repeats of a batch only what failed", async () => {
    const stage = new Stage();
    const ids = [stage.sqs.send(HIGH, "a"), stage.sqs.send(HIGH, "b"), stage.sqs.send(HIGH, "c")];
    const batches: string[][] = [];
    stage.consumer({
      handler: undefined,
      batchHandler: (jobs) => {
        batches.push(jobs.map(({ id }) => id));
        return Promise.resolve(batches.length === 1 ? [ids[1]!] : []);
      },
    });
    await stage.clock.goOn(MINUTE);
    expect(batches).to.deep.equal([ids, [ids[1]]]);
    expect(stage.sqs.deleted).to.have.members(ids);
  });

  it("goes on after SQS has been out of reach, and asks the others meanwhile", async () => {
    const stage = new Stage();
    stage.sqs.fails = (call) => call === "receive";
    stage.consumer();
    await stage.clock.goOn(2 * MINUTE);
    stage.sqs.fails = () => false;
    const id = stage.sqs.send(HIGH, "10");
    await stage.clock.goOn(MINUTE);
    expect(stage.finished).to.deep.equal([id]);
    expect(stage.of("receiveFailed").length).to.be.within(5, 40);
  });

  it("deletes in the end what couldn't be deleted at once", async () => {
    const stage = new Stage();
    const id = stage.sqs.send(HIGH, "10");
    let failures = 0;
    stage.sqs.fails = (call) => call === "delete" && failures++ < 4;
    stage.consumer();
    await stage.clock.goOn(MINUTE);
    expect(stage.sqs.deleted).to.deep.equal([id]);
    expect(stage.begun).to.have.length(1);
  });

  it("lets a job save what it has before SQS's twelve hours are over, and gives it back", async () => {
    const stage = new Stage();
    const id = stage.sqs.send(HIGH, String(20 * HOUR));
    const saved: number[] = [];
    stage.consumer({ checkpoint: (_, remainingSeconds) => void saved.push(remainingSeconds) });
    await stage.clock.goOn(12 * HOUR + MINUTE);
    expect(saved).to.have.length(1);
    expect(saved[0]).to.be.within(30, 60);
    expect(stage.of("limit").map(({ jobId }) => jobId)).to.deep.equal([id]);
    expect(stage.begun).to.deep.equal([id]);
  });

  it("counts a unit of work from the receive until SQS has deleted the message", async () => {
    const stage = new Stage();
    let open = 0;
    const work = { begin: () => (open++, () => void open--) };
    stage.sqs.send(HIGH, "1000");
    stage.consumer({ work });
    await stage.clock.goOn(500);
    expect(open).to.equal(1);
    stage.sqs.fails = (call) => call === "delete";
    await stage.clock.goOn(2 * SECOND);
    expect(open).to.equal(1);
    stage.sqs.fails = () => false;
    await stage.clock.goOn(MINUTE);
    expect(open).to.equal(0);
  });

  it("doesn't begin a job beside itself that is delivered a second time, and deletes it by the newer receipt", async () => {
    const stage = new Stage();
    const id = stage.sqs.send(HIGH, String(2 * MINUTE));
    stage.consumer({ concurrency: 2 });
    await stage.clock.goOn(SECOND);
    // Every heartbeat fails until the message is visible again.
    stage.sqs.fails = (call) => call === "changeVisibility";
    await stage.clock.goOn(65 * SECOND);
    stage.sqs.fails = () => false;
    expect(stage.sqs.receiveCountOf(HIGH, id)).to.equal(2);
    await stage.clock.goOn(2 * MINUTE);
    expect(stage.begun).to.deep.equal([id]);
    expect(stage.sqs.deleted).to.deep.equal([id]);
  });

  it("keeps the newer receipt of a job where the answers of two receives cross on their way", async () => {
    const stage = new Stage();
    const deleted: string[] = [];
    const of = (receiveCount: number) => {
      const receiptHandle = `m#${receiveCount}`;
      return { messageId: "m", receiptHandle, body: "1000", receiveCount, sentAt: stage.clock.now() };
    };
    const answers = [[of(2)], [of(1)]];
    stage.consumer({
      concurrency: 2,
      queues: [{ name: "high", url: HIGH }],
      sqs: {
        receive: () => stage.clock.wait(10).then(() => answers.shift() ?? []),
        delete: (_, receipts) => Promise.resolve(void deleted.push(...receipts)).then(() => []),
        changeVisibility: () => Promise.resolve([]),
      },
    });
    await stage.clock.goOn(3 * SECOND);
    expect(stage.begun).to.deep.equal(["m"]);
    expect(deleted).to.deep.equal(["m#2"]);
  });

  it("is harmed by no listener", async () => {
    const stage = new Stage();
    const id = stage.sqs.send(HIGH, "10");
    stage.consumer({
      report: () => {
        throw new Error("the log is full");
      },
    });
    await stage.clock.goOn(SECOND);
    expect(stage.sqs.deleted).to.deep.equal([id]);
  });

  it("names every option that can't be", () => {
    const stage = new Stage();
    const queues = [
      { name: "a", url: "u", weight: 0 },
      { name: "a", url: "v.fifo", visibilityTimeoutSeconds: 1 },
    ];
    const wrong = () => stage.consumer({ queues, stopTimeoutSeconds: 3, giveBackMarginSeconds: 5 });
    for (const part of [
      "two queues are called a",
      "one list has one kind",
      "weight of a is 0",
      "visibilityTimeoutSeconds of a is 1",
      "giveBackMarginSeconds is 5",
    ]) {
      expect(wrong).to.throw(RangeError, part);
    }
    expect(() => stage.consumer({ concurrency: 0 })).to.throw("concurrency is 0");
  });
});
