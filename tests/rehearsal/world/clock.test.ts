import { expect } from "chai";
import { Clock, PRIORITY } from "../../../rehearsal/world/clock";
import { randomStream } from "../../../rehearsal/inputs/random";
import { drawFaults, BAD_DAY } from "../../../rehearsal/world/faults";
import { addCluster, addGroup, addService, addTargetGroup, HOUR, makeWorld, MINUTE } from "./support";

const settled = (): Promise<void> => Promise.resolve();

describe("clock", () => {
  it("runs events by time, then by priority, then in the order in which they were set", async () => {
    const clock = new Clock();
    const ran: string[] = [];
    clock.at(20, () => ran.push("later"));
    clock.at(10, () => ran.push("looks"), PRIORITY.observe);
    clock.at(10, () => ran.push("first"));
    clock.at(10, () => ran.push("second"));
    clock.at(10, () => ran.push("ends"), PRIORITY.end);
    await clock.runUntil(100, settled);
    expect(ran).to.deep.equal(["ends", "first", "second", "looks", "later"]);
  });

  it("leaves what lies at or after the end for the next run, and stands at the end", async () => {
    const clock = new Clock();
    const ran: number[] = [];
    clock.at(100, () => ran.push(clock.now));
    await clock.runUntil(100, settled);
    expect([...ran, clock.now]).to.deep.equal([100]);
    await clock.runUntil(101, settled);
    expect(ran).to.deep.equal([100]);
  });

  it("runs now what was set for the past, and never what was cancelled", async () => {
    const clock = new Clock();
    const ran: string[] = [];
    clock.at(50, () => {
      clock.at(10, () => ran.push(`set for 10, ran at ${clock.now}`));
      clock.cancel(cancelled);
    });
    const cancelled = clock.at(60, () => ran.push("cancelled"));
    await clock.runUntil(100, settled);
    expect(ran).to.deep.equal(["set for 10, ran at 50"]);
  });

  it("goes on only when every handler that was woken waits again", async () => {
    const clock = new Clock();
    const order: string[] = [];
    clock.at(10, () => {
      clock.handlersWoken = true;
      order.push("woken");
    });
    clock.at(20, () => order.push("next"));
    await clock.runUntil(100, () => {
      order.push("settled");
      return Promise.resolve();
    });
    expect(order).to.deep.equal(["woken", "settled", "next"]);
  });
});

describe("determinism", () => {
  async function logOf(seed: number): Promise<string> {
    const { world, log } = makeWorld({}, seed);
    world.setFaults(drawFaults(BAD_DAY, world.context.random("faults")));
    addCluster(world);
    addTargetGroup(world);
    const group = addGroup(world, { desiredCapacity: 4 });
    addService(world, { desiredCount: 6 });
    await world.run(10 * MINUTE);
    for (const { instance } of [...group.members.values()].slice(0, 2)) {
      world.ec2.interrupt(instance, world.clock.now + 2 * MINUTE, false);
    }
    await world.run(HOUR);
    return log.map((line) => JSON.stringify(line)).join("\n");
  }

  it("gives the same log for the same seed, to the byte", async () => {
    expect(await logOf(3)).to.equal(await logOf(3));
  });

  it("gives another log for another seed", async () => {
    expect(await logOf(3)).not.to.equal(await logOf(4));
  });

  it("draws from a stream of its own for every name", () => {
    const [one, other] = [randomStream(1, "a"), randomStream(1, "b")];
    expect(one()).not.to.equal(other());
  });
});
