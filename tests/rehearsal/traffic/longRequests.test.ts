import { expect } from "chai";
import type { ContainerProfile } from "../../../rehearsal/inputs/profile";
import type { Traffic } from "../../../rehearsal/traffic/traffic";
import { MINUTE, SECOND, Stage, type StackShape } from "../../support/stage";

const REQUESTS = 600;

/** About 300 long requests on each of two tasks, and no more to come. */
async function openRequests(
  seconds: number,
  { stack, profile }: { stack?: Partial<StackShape>; profile?: Partial<ContainerProfile> } = {},
): Promise<{ stage: Stage; traffic: Traffic }> {
  const longRequests = { share: 1, seconds };
  const stage = await Stage.set({ stack, profile: { ...profile, longRequests } });
  const traffic = stage.send({ requestsPerSecond: REQUESTS, forMs: SECOND });
  await stage.run(SECOND + 1);
  return { stage, traffic };
}

function stopFirst(stage: Stage): void {
  stage.cluster.life.stop(stage.tasks[0]!, "api", "UserInitiated", "test");
}

describe("a long request", () => {
  it("is finished after SIGTERM, as long as the stop timeout lasts; then its container exits by itself", async () => {
    const { stage, traffic } = await openRequests(5, { stack: { stopTimeoutSeconds: 110 } });
    const [leaving] = stage.tasks;
    const exits: string[] = [];
    stage.cluster.life.exited.subscribe(({ exit }) => exits.push(exit));
    stopFirst(stage);
    await stage.run(5 * SECOND);
    expect(leaving!.process).to.equal("terminating");
    await stage.run(2 * MINUTE);
    expect(exits).to.deep.equal(["finished"]);
    expect(traffic.tally.failed).to.equal(0);
    expect(traffic.tally.served).to.be.within(REQUESTS - 150, REQUESTS + 150);
  });

  it("is killed with its container where it takes longer than the stop timeout", async () => {
    const { stage, traffic } = await openRequests(3600, { stack: { stopTimeoutSeconds: 30 } });
    stopFirst(stage);
    await stage.run(29 * SECOND);
    expect(traffic.tally.failed).to.equal(0);
    await stage.run(2 * SECOND);
    const { killedInFlight, ...other } = traffic.tally.failedBy;
    expect(killedInFlight).to.be.within(200, 400);
    expect(Object.values(other).every((each) => each === 0)).to.equal(true);
  });

  it("is killed at once where the container exits at SIGTERM", async () => {
    const { stage, traffic } = await openRequests(3600, { profile: { onSigterm: "exit" } });
    stopFirst(stage);
    await stage.run(SECOND);
    expect(traffic.tally.failedBy.killedInFlight).to.be.within(200, 400);
  });

  it("is cut off when draining ends before it", async () => {
    const { stage, traffic } = await openRequests(3600, { stack: { deregistrationDelaySeconds: 20 } });
    const [first] = stage.tasks;
    stage.cluster.setStatus(first!.instance!, "DRAINING", "test");
    await stage.run(2 * MINUTE);
    const { drainTimeout, ...other } = traffic.tally.failedBy;
    expect(drainTimeout).to.be.within(200, 400);
    expect(Object.values(other).every((each) => each === 0)).to.equal(true);
  });

  it("is lost without notice with a host that nobody announced", async () => {
    const { stage, traffic } = await openRequests(3600);
    stage.world.ec2.interrupt(stage.instances[0]!, stage.world.clock.now, true);
    await stage.run(SECOND);
    expect(traffic.tally.failedBy.withoutNotice).to.be.within(200, 400);
    expect(traffic.tally.failedBy.killedInFlight).to.equal(0);
  });

  it("is an object beside the flow of the short ones, by its share", async () => {
    const stage = await Stage.set({ profile: { longRequests: { share: 0.25, seconds: 3600 } } });
    const traffic = stage.send({ requestsPerSecond: 400, forMs: 10 * SECOND });
    await stage.run(MINUTE);
    traffic.finish();
    expect(traffic.tally.served).to.be.closeTo(3000, 50);
    for (const { id } of stage.instances) stage.world.ec2.terminate(id, "test");
    await stage.run(MINUTE);
    expect(traffic.tally.failedBy.killedInFlight).to.be.within(850, 1150);
  });
});
