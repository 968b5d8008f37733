import { expect } from "chai";
import { MINUTE, SECOND } from "../../support/stage";
import { at, clusterOf, evenly, loseOne, rehearseWorkers, repeats, stopOne, type Scene } from "./support";

const plain = { consumer: "plain" as const };

const run = (scene: Scene & Parameters<typeof rehearseWorkers>[0]) =>
  rehearseWorkers({ jobs: evenly(40, 20, 25), ...scene, jobsProfile: { ...plain, ...scene.jobsProfile } });

describe("a plain consumer", () => {
  it("does one job after the other, each once", async () => {
    const { result } = await run({});
    expect(result.jobs).to.include({
      submitted: 40,
      completed: 40,
      repeated: 0,
      workSeconds: 1000,
      thrownAwaySeconds: 0,
    });
    expect(result.lawsBroken).to.deep.equal([]);
  });

  it("finishes what it has in hand on SIGTERM, and takes nothing more", async () => {
    const ended: number[] = [];
    let stoppedAt = 0;
    const { result } = await run({
      prepare: (world) => {
        at(5 * MINUTE, () => {
          stoppedAt = world.clock.now;
          stopOne(world);
        })(world);
        clusterOf(world).life.exited.subscribe(({ exit }) => {
          expect(exit).to.equal("finished");
          ended.push(world.clock.now - stoppedAt);
        });
      },
    });
    expect(result.jobs).to.include({ completed: 40, repeated: 0 });
    expect(ended).to.have.lengthOf(1);
    expect(ended[0]).to.be.within(0, 26 * SECOND);
  });

  it("loses what it has in hand where it dies on SIGTERM, and the job is done by another once it is visible", async () => {
    const { result } = await run({ jobsProfile: { onSigterm: "exit" }, prepare: at(5 * MINUTE, stopOne) });
    expect(repeats(result)).to.deep.equal({ diedOnSigterm: 1 });
    expect(result.jobs).to.include({ completed: 40, lost: 0 });
    expect(result.jobs.thrownAwaySeconds).to.be.within(1, 25);
    expect(result.jobs.workSeconds).to.be.closeTo(1000 + result.jobs.thrownAwaySeconds, 0.01);
  });

  it("is killed at the end of the stop timeout where it takes no notice of SIGTERM", async () => {
    const shape = { stopTimeoutSeconds: 30 };
    const jobs = evenly(40, 30, 50);
    const { result } = await run({
      jobs,
      shape,
      jobsProfile: { onSigterm: "ignore" },
      prepare: at(5 * MINUTE, stopOne),
    });
    expect(repeats(result)).to.deep.equal({ workerKilled: 1 });
    expect(result.jobs.completed).to.equal(40);
  });

  it("works beside another on what takes longer than the visibility timeout, unless it extends that", async () => {
    const jobs = evenly(6, 400, 150);
    const without = await run({ jobs });
    expect(Object.keys(repeats(without.result))).to.deep.equal(["visibilityLapsed"]);
    expect(without.result.lawsBroken[0]!.message).to.match(
      /was begun again: visibilityLapsed, after a beginning on arn:/,
    );
    const { result } = await run({ jobs, jobsProfile: { heartbeat: true } });
    expect(result.jobs).to.include({ completed: 6, repeated: 0 });
  });

  it("leaves a job whose handler fails to the visibility timeout, and in the end to the dead-letter queue", async () => {
    const { result } = await run({
      jobs: evenly(10, 20, 5),
      shape: { maxReceiveCount: 2 },
      jobsProfile: { failShare: 1 },
    });
    expect(result.jobs).to.include({ completed: 0, deadLettered: 10, lost: 0, repeated: 10 });
    expect(repeats(result)).to.deep.equal({ handlerFailed: 10 });
    expect(result.lawsBroken).to.deep.equal([]);
  });

  it("gets nothing without the permission to receive", async () => {
    const { result } = await run({ shape: { actions: ["sqs:DeleteMessage"] } });
    expect(result.jobs).to.include({ submitted: 40, completed: 0, open: 40, workSeconds: 0 });
    expect(result.jobs.queueSeconds.high!.max).to.be.greaterThan(3000);
  });

  it("does again whatever it isn't allowed to delete", async () => {
    const { result } = await run({ jobs: evenly(4, 20, 25), shape: { actions: ["sqs:ReceiveMessage"] } });
    expect(result.jobs).to.include({ completed: 4, open: 0 });
    expect(Object.keys(repeats(result))).to.deep.equal(["deleteFailed"]);
  });

  it("is gone with its instance: nothing of it goes on, and another does the job", async () => {
    const { result } = await run({ prepare: at(5 * MINUTE, loseOne) });
    expect(result.jobs).to.include({ completed: 40, lost: 0 });
    expect(Object.keys(repeats(result))).to.deep.equal(["hostLost"]);
  });
});
