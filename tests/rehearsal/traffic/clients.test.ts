import { expect } from "chai";
import type { ClientRetries, ContainerProfile } from "../../../rehearsal/inputs/profile";
import { MINUTE, SECOND, Stage } from "../../support/stage";

interface Lost {
  served: number;
  retried: number;
  failed: number;
  deadTarget: number;
  killedInFlight: number;
}

/** A host goes, and its task's requests with it; then they come to nobody until its checks have failed. */
async function lose(clientRetries: ClientRetries | undefined, exact = false): Promise<Lost> {
  const total: Lost = { served: 0, retried: 0, failed: 0, deadTarget: 0, killedInFlight: 0 };
  for (let seed = 1; seed <= 10; seed++) {
    const stage = await Stage.set({ seed, profile: { clientRetries, requestSeconds: 1, concurrency: 1000 } });
    const traffic = stage.send({ requestsPerSecond: 200, exact });
    await stage.run(5 * SECOND);
    stage.world.ec2.terminate(stage.instances[0]!.id, "test");
    await stage.run(2 * MINUTE);
    traffic.finish();
    const { served, retried, failed, failedBy } = traffic.tally;
    total.served += served;
    total.retried += retried;
    total.failed += failed;
    total.deadTarget += failedBy.deadTarget;
    total.killedInFlight += failedBy.killedInFlight;
  }
  return total;
}

const ONCE: ClientRetries = { attempts: 1, backoffSeconds: 0.5, of: ["5xx"] };

describe("a client that sends again what failed", () => {
  it("is served by whom the balancer chooses then: half of them, where one of two targets answers", async () => {
    const given = await lose(undefined);
    const once = await lose(ONCE);
    expect(given.retried).to.equal(0);
    expect(given.deadTarget).to.be.at.least(10_000);
    expect(once.deadTarget).to.be.closeTo(given.deadTarget / 2, given.deadTarget / 20);
    expect(once.retried + once.failed).to.be.closeTo(given.failed, given.failed / 20);
    expect(once.served + once.failed).to.be.closeTo(given.served + given.failed, 1);
  });

  it("loses an eighth with three attempts", async () => {
    const given = await lose(undefined);
    const thrice = await lose({ ...ONCE, attempts: 3 });
    expect(thrice.deadTarget).to.be.closeTo(given.deadTarget / 8, given.deadTarget / 20);
  });

  it("loses nothing where it waits until the balancer has noticed", async () => {
    const { failed, retried } = await lose({ ...ONCE, backoffSeconds: 60 });
    expect(failed).to.equal(0);
    expect(retried).to.be.at.least(10_000);
  });

  it("doesn't send again what a container had begun to work on, where it does so for connections alone", async () => {
    const given = await lose(undefined);
    const connect = await lose({ ...ONCE, of: ["connect"] });
    expect(connect.killedInFlight).to.be.closeTo(given.killedInFlight, 5 * Math.sqrt(given.killedInFlight));
    expect(given.killedInFlight).to.be.at.least(500);
    expect(connect.deadTarget).to.be.closeTo(given.deadTarget / 2, given.deadTarget / 20);
    expect((await lose(ONCE)).killedInFlight).to.be.lessThan(given.killedInFlight * 0.6);
  });

  it("is served as often in the flow as in the exact mode", async () => {
    for (const policy of [ONCE, { ...ONCE, backoffSeconds: 20 }, { ...ONCE, attempts: 3 }]) {
      const flow = await lose(policy);
      const exact = await lose(policy, true);
      for (const what of ["retried", "failed"] as const) {
        const text = `${what}: ${flow[what]}, in the exact mode ${exact[what]}`;
        expect(Math.abs(flow[what] - exact[what]), text).to.be.at.most(5 * Math.sqrt(flow[what] + exact[what]));
      }
    }
  });

  it("waits for nothing once nobody counts any more", async () => {
    const stage = await Stage.set({ profile: { clientRetries: { ...ONCE, backoffSeconds: 100 } } });
    const traffic = stage.send({ requestsPerSecond: 100 });
    for (const { id } of stage.instances) stage.world.ec2.terminate(id, "test");
    await stage.run(20 * SECOND);
    expect(traffic.tally.failed).to.equal(0);
    traffic.finish();
    expect(traffic.tally.served + traffic.tally.failed).to.be.closeTo(2000, 1e-6);
    expect(traffic.tally.failed).to.be.at.least(900);
  });
});

describe("a server that keeps idle connections for less long than the balancer", () => {
  async function closing(profile: Partial<ContainerProfile>, exact = false): Promise<number> {
    const stage = await Stage.set({ profile: { concurrency: 1_000_000, ...profile } });
    const requestsPerSecond = exact ? 5000 : 20_000;
    const traffic = stage.send({ requestsPerSecond, exact });
    await stage.run(exact ? 40 * SECOND : 1000 * SECOND);
    traffic.finish();
    const { keepAlive, ...others } = traffic.tally.failedBy;
    expect(Object.values(others).every((each) => each === 0)).to.equal(true);
    return keepAlive;
  }

  it("loses one request of a hundred thousand", async () => {
    expect(await closing({ keepAliveSeconds: 5 })).to.be.within(140, 260);
    expect(await closing({ keepAliveSeconds: 60 })).to.be.within(140, 260);
  });

  it("loses some in the exact mode too", async () => {
    expect(await closing({ keepAliveSeconds: 5 }, true)).to.be.within(1, 10);
  });

  it("loses none where it keeps them for longer, or where nothing is said", async () => {
    expect(await closing({ keepAliveSeconds: 65 })).to.equal(0);
    expect(await closing({})).to.equal(0);
  });
});
