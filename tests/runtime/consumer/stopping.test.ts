import { expect } from "chai";
import { HIGH, Stage } from "./support";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Whether a stop has come to its end. */
function watched(stop: Promise<void>): { isOver: boolean } {
  const watch = { isOver: false };
  void stop.then(() => (watch.isOver = true));
  return watch;
}

describe("an SQS consumer that is told to stop", () => {
  it("finishes what fits, deletes it, and takes nothing more", async () => {
    const stage = new Stage();
    const id = stage.sqs.send(HIGH, String(30 * SECOND));
    const consumer = stage.consumer();
    await stage.clock.goOn(SECOND);
    const stop = watched(consumer.stop());
    stage.sqs.send(HIGH, "10");
    await stage.clock.goOn(20 * SECOND);
    expect(stop.isOver).to.equal(false);
    await stage.clock.goOn(10 * SECOND);
    expect(stop.isOver).to.equal(true);
    expect(stage.begun).to.deep.equal([id]);
    expect(stage.sqs.deleted).to.deep.equal([id]);
  });

  it("gives back what doesn't fit, so that another worker begins at once", async () => {
    const stage = new Stage();
    const id = stage.sqs.send(HIGH, String(10 * MINUTE));
    const consumer = stage.consumer({ stopTimeoutSeconds: 60 });
    await stage.clock.goOn(SECOND);
    const stop = watched(consumer.stop());
    await stage.clock.goOn(54 * SECOND);
    expect(stage.sqs.hidden(HIGH)).to.deep.equal([id]);
    await stage.clock.goOn(2 * SECOND);
    expect(stage.sqs.hidden(HIGH)).to.deep.equal([]);
    expect(stop.isOver).to.equal(true);
    expect(stage.of("givenBack").map(({ jobId }) => jobId)).to.deep.equal([id]);
  });

  it("gives back at once what is known to take longer", async () => {
    const stage = new Stage();
    stage.sqs.send(HIGH, String(10 * MINUTE));
    const consumer = stage.consumer({ expectedSeconds: ({ body }) => Number(body) / 1000 });
    await stage.clock.goOn(SECOND);
    const stop = watched(consumer.stop());
    await stage.clock.goOn(SECOND);
    expect(stage.sqs.hidden(HIGH)).to.deep.equal([]);
    expect(stop.isOver).to.equal(true);
  });

  it("lets a job save what it has, with the seconds that are left, and gives back at once what is saved", async () => {
    const stage = new Stage();
    stage.sqs.send(HIGH, String(10 * MINUTE));
    const left: number[] = [];
    const consumer = stage.consumer({
      checkpoint: async (_, remainingSeconds) => {
        left.push(remainingSeconds);
        await stage.clock.wait(3 * SECOND);
        return "saved" as const;
      },
    });
    await stage.clock.goOn(SECOND);
    const stop = watched(consumer.stop());
    await stage.clock.goOn(5 * SECOND);
    expect(left).to.deep.equal([55]);
    expect(stage.of("givenBack").map(({ reason }) => reason)).to.deep.equal(["it was saved"]);
    expect(stop.isOver).to.equal(true);
  });

  it("goes on with a job whose checkpoint fails", async () => {
    const stage = new Stage();
    const id = stage.sqs.send(HIGH, String(20 * SECOND));
    const consumer = stage.consumer({ checkpoint: () => Promise.reject(new Error("no disk")) });
    await stage.clock.goOn(SECOND);
    void consumer.stop();
    await stage.clock.goOn(30 * SECOND);
    expect(stage.kinds()).to.include("checkpointFailed");
    expect(stage.sqs.deleted).to.deep.equal([id]);
  });

  it("gives back what a poll brings that was under way", async () => {
    const stage = new Stage();
    const consumer = stage.consumer();
    await stage.clock.goOn(SECOND);
    const stop = watched(consumer.stop());
    const id = stage.sqs.send(HIGH, "10");
    await stage.clock.goOn(SECOND);
    expect(stage.begun).to.deep.equal([]);
    expect(stage.sqs.hidden(HIGH)).to.deep.equal([]);
    expect(stage.sqs.receiveCountOf(HIGH, id)).to.equal(1);
    await stage.clock.goOn(20 * SECOND);
    expect(stop.isOver).to.equal(true);
  });

  it("ends as soon as its last poll comes back, where it has nothing in hand", async () => {
    const stage = new Stage();
    const consumer = stage.consumer({ concurrency: 2 });
    await stage.clock.goOn(SECOND);
    const stop = watched(consumer.stop());
    await stage.clock.goOn(20 * SECOND);
    expect(stop.isOver).to.equal(true);
    expect(stage.kinds()).to.deep.equal(["stopping", "stopped"]);
  });

  it("tries again to give back while that is of use", async () => {
    const stage = new Stage();
    stage.sqs.send(HIGH, String(10 * MINUTE));
    const consumer = stage.consumer();
    await stage.clock.goOn(SECOND);
    let failures = 0;
    stage.sqs.fails = (call) => call === "changeVisibility" && stage.kinds().includes("givenBack") && failures++ < 2;
    const stop = watched(consumer.stop());
    await stage.clock.goOn(60 * SECOND);
    expect(failures).to.equal(3);
    expect(stage.sqs.hidden(HIGH)).to.deep.equal([]);
    expect(stop.isOver).to.equal(true);
  });

  it("hides nothing again by a heartbeat that was under way", async () => {
    const stage = new Stage();
    stage.sqs.latencyMs = 2 * SECOND;
    stage.sqs.send(HIGH, String(10 * MINUTE));
    const consumer = stage.consumer();
    // The first heartbeat leaves at thirty seconds.
    await stage.clock.goOn(33 * SECOND);
    expect(stage.sqs.calls.changeVisibility).to.equal(1);
    const [job] = stage.of("started");
    void consumer.stop();
    await stage.clock.goOn(70 * SECOND);
    expect(job).to.not.equal(undefined);
    expect(stage.sqs.hidden(HIGH)).to.deep.equal([]);
  });

  it("stops once, however often it is told", async () => {
    const stage = new Stage();
    const consumer = stage.consumer();
    await stage.clock.goOn(SECOND);
    expect(consumer.stop()).to.equal(consumer.stop());
    await stage.clock.goOn(MINUTE);
    expect(stage.of("stopped")).to.have.length(1);
  });
});
