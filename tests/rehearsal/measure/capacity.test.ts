import { expect } from "chai";
import * as fc from "fast-check";
import { CapacityMeter } from "../../../rehearsal/measure/capacity";
import type { Instance } from "../../../rehearsal/world/ec2/instance";
import { DEFAULT_FLAGS } from "../../../rehearsal/world/flags";
import { World } from "../../../rehearsal/world/world";
import { MINUTE, PLACE } from "../../support/stage";

const DESIRED = 4;

/** A service told by hand how many of its tasks serve, and which instances go. */
function meter() {
  const world = new World({ seed: 1, flags: DEFAULT_FLAGS, ...PLACE, sink: undefined });
  let isOutage = false;
  const capacity = new CapacityMeter(world, () => isOutage);
  return {
    world,
    capacity,
    result: () => capacity.result(),
    at: (minutes: number) => world.run(minutes * MINUTE),
    serve: (tasks: number) => capacity.observe(tasks, DESIRED),
    outage: (is: boolean) => {
      capacity.settle();
      isOutage = is;
    },
    interrupt: () => world.ec2.ended.publish({ interruption: { endsAt: 0, noticedAt: 0 } } as Instance),
    scaleIn: () => world.ec2.ended.publish({ interruption: undefined } as Instance),
  };
}

describe("capacity lost", () => {
  it("is the time in which fewer tasks served than desired, however few", async () => {
    const { at, serve, interrupt, result } = meter();
    serve(DESIRED);
    await at(10);
    interrupt();
    serve(3);
    await at(12);
    serve(1);
    await at(15);
    serve(DESIRED);
    await at(60);
    expect(result()).to.deep.equal({ total: 5, meanPerInterruption: 5, p95: 5 });
  });

  it("counts what is still missing at the end", async () => {
    const { at, serve, interrupt, result } = meter();
    await at(10);
    interrupt();
    serve(0);
    await at(13);
    expect(result().total).to.equal(3);
  });

  it("is shared by the interruptions that fall into it, from its notice on", async () => {
    const { at, serve, interrupt, result } = meter();
    await at(10);
    serve(2);
    await at(11);
    interrupt();
    await at(12);
    interrupt();
    await at(16);
    serve(DESIRED);
    await at(100);
    interrupt();
    await at(200);
    const { total, meanPerInterruption, p95 } = result();
    expect(total).to.equal(6);
    expect(meanPerInterruption).to.equal(2);
    expect(p95).to.equal(3);
  });

  it("counts the whole of it for an interruption with two shortfalls, before and after the instance goes", async () => {
    const { at, serve, interrupt, result } = meter();
    await at(10);
    serve(3);
    await at(11);
    serve(DESIRED);
    await at(12);
    interrupt();
    serve(3);
    await at(15);
    serve(DESIRED);
    await at(60);
    expect(result().meanPerInterruption).to.equal(4);
  });

  it("leaves out the time in which no pool could launch", async () => {
    const { at, serve, interrupt, outage, result } = meter();
    await at(10);
    interrupt();
    serve(3);
    await at(11);
    outage(true);
    await at(50);
    outage(false);
    await at(52);
    serve(DESIRED);
    expect(result()).to.deep.equal({ total: 3, meanPerInterruption: 3, p95: 3 });
  });

  it("belongs to no interruption where an instance ended for another reason", async () => {
    const { at, serve, scaleIn, result } = meter();
    await at(10);
    scaleIn();
    serve(3);
    await at(12);
    serve(DESIRED);
    expect(result()).to.deep.equal({ total: 2, meanPerInterruption: 0, p95: 0 });
  });

  it("is never more over all interruptions than in total", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom("short", "full", "gone"), fc.nat(6)), { maxLength: 40 }),
        async (story) => {
          const { at, serve, interrupt, result } = meter();
          let minutes = 0;
          let interruptions = 0;
          for (const [what, later] of story) {
            await at((minutes += later));
            if (what === "gone") interruptions++;
            if (what === "gone") interrupt();
            else serve(what === "short" ? 3 : DESIRED);
          }
          const { total, meanPerInterruption } = result();
          expect(meanPerInterruption * interruptions).to.be.at.most(total + 1e-9);
        },
      ),
    ));
});
