import { expect } from "chai";
import { ProtectionError } from "../../runtime/protectionError";
import { WorkProtection, type ProtectionEvent, type WorkProtectionOptions } from "../../runtime/workProtection";
import { FakeClock } from "./fakeClock";
import { FakeEcs } from "./fakeEcs";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

describe("work protection", () => {
  let clock: FakeClock;
  let ecs: FakeEcs;
  let events: ProtectionEvent[];

  beforeEach(() => {
    clock = new FakeClock();
    ecs = new FakeEcs(clock);
    events = [];
  });

  const protect = (options: Partial<WorkProtectionOptions> = {}): WorkProtection =>
    new WorkProtection({
      protection: ecs,
      timers: clock,
      random: () => 1,
      report: (event) => events.push(event),
      ...options,
    });
  const kinds = (): string[] => events.map((event) => event.kind);

  it("protects with the first unit of work, once for all that are in progress", async () => {
    const work = protect();
    work.begin();
    work.begin();
    await clock.goOn(SECOND);
    work.begin();
    await clock.goOn(SECOND);
    expect(ecs.kinds).to.deep.equal(["protect"]);
    expect(ecs.leftMs).to.be.within(59 * MINUTE, 60 * MINUTE);
    expect(work.inProgress).to.equal(3);
    expect(work.isProtected).to.equal(true);
    expect(events).to.have.lengthOf(1);
    expect(events[0]).to.include({ kind: "protected", unprotectedMs: 100 });
  });

  it("renews after 50 minutes, and looks every minute until then", async () => {
    protect().begin();
    await clock.goOn(51 * MINUTE);
    expect(ecs.kinds.filter((kind) => kind === "protect")).to.have.lengthOf(2);
    expect(ecs.kinds.filter((kind) => kind === "get")).to.have.lengthOf(49);
    expect(ecs.leftMs).to.be.above(58 * MINUTE);
    expect(kinds()).to.deep.equal(["protected", "renewed"]);
  });

  it("releases after 15 seconds without work, and then is at rest", async () => {
    const end = protect().begin();
    await clock.goOn(MINUTE);
    end();
    await clock.goOn(14 * SECOND);
    expect(ecs.leftMs).to.be.above(0);
    await clock.goOn(2 * SECOND);
    expect(ecs.leftMs).to.equal(0);
    expect(kinds()).to.deep.equal(["protected", "released"]);
    expect(clock.timersSet).to.equal(0);
  });

  it("keeps the protection between two units that follow each other", async () => {
    const work = protect();
    for (let unit = 0; unit < 20; unit++) {
      const end = work.begin();
      await clock.goOn(SECOND);
      end();
      await clock.goOn(10 * SECOND);
    }
    expect(ecs.kinds).to.not.include("release");
    expect(ecs.kinds.filter((kind) => kind === "protect")).to.have.lengthOf(1);
  });

  it("ends a unit once, however often its end is called", async () => {
    const work = protect();
    const end = work.begin();
    work.begin();
    end();
    end();
    expect(work.inProgress).to.equal(1);
  });

  it("ends protected where work begins while the release is in flight", async () => {
    ecs.latencyMs = 4 * SECOND;
    const work = protect();
    work.begin()();
    await clock.goOn(25 * SECOND);
    expect(ecs.kinds).to.deep.equal(["protect", "get", "release"]);
    work.begin();
    await clock.goOn(8 * SECOND);
    expect(ecs.kinds).to.deep.equal(["protect", "get", "release", "protect"]);
    expect(ecs.leftMs).to.be.above(59 * MINUTE);
  });

  it("doesn't release where work came and went while it looked", async () => {
    ecs.latencyMs = 4 * SECOND;
    const work = protect();
    work.begin()();
    await clock.goOn(17 * SECOND);
    expect(ecs.kinds).to.deep.equal(["protect", "get"]);
    work.begin()();
    await clock.goOn(14 * SECOND);
    expect(ecs.kinds).to.deep.equal(["protect", "get"]);
    await clock.goOn(10 * SECOND);
    expect(ecs.leftMs).to.equal(0);
  });

  it("sets again within a minute what somebody shortened or ended, and says so", async () => {
    for (const minutes of [30, 5, 0]) {
      ecs.others(minutes);
      const work = protect();
      work.begin();
      await clock.goOn(SECOND);
      ecs.others(minutes);
      await clock.goOn(MINUTE);
      expect(ecs.leftMs).to.be.above(58 * MINUTE);
      await work.stop();
    }
    const again = (renewed: string) => ["protected", "shortened", renewed];
    expect(kinds()).to.deep.equal([...again("renewed"), ...again("renewed"), ...again("protected")]);
  });

  it("leaves alone what somebody else gave for longer, while there is work and after it", async () => {
    const end = protect().begin();
    await clock.goOn(SECOND);
    ecs.others(2 * 60);
    await clock.goOn(55 * MINUTE);
    end();
    await clock.goOn(10 * MINUTE);
    expect(ecs.setBy).to.equal("others");
    expect(ecs.leftMs).to.be.within(54 * MINUTE, 56 * MINUTE);
    expect(kinds()).to.deep.equal(["protected", "foreign"]);
  });

  it("doesn't end the protection that a scale-in gives an idle task for a moment", async () => {
    const end = protect().begin();
    await clock.goOn(MINUTE);
    end();
    ecs.others(5);
    await clock.goOn(4 * MINUTE);
    expect(ecs.leftMs).to.be.above(0);
    await clock.goOn(90 * SECOND);
    expect(ecs.kinds).to.not.include("release");
    expect(kinds()).to.deep.equal(["protected", "foreign", "released"]);
    expect(clock.timersSet).to.equal(0);
  });

  it("reports what fails with the time without protection, and tries again later and later", async () => {
    ecs.outcome = "refused";
    const work = protect();
    work.begin();
    await clock.goOn(90 * SECOND);
    const failed = events.flatMap((event) => (event.kind === "failed" ? [event] : []));
    expect(failed.map((event) => event.retryInMs)).to.deep.equal([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(failed[0]).to.deep.include({ during: "protect", attempt: 1, unprotectedMs: 100 });
    expect(failed[7]!.unprotectedMs).to.equal(8 * 100 + 61_500);
    expect(work.unprotectedMs).to.equal(90 * SECOND);
    ecs.outcome = "answered";
    await clock.goOn(30 * SECOND);
    expect(events.at(-1)!.kind).to.equal("protected");
    await clock.goOn(MINUTE);
    expect(work.unprotectedMs).to.be.within(90 * SECOND, 2 * MINUTE);
  });

  it("doesn't keep new work waiting for a release that fails", async () => {
    const work = protect();
    const end = work.begin();
    await clock.goOn(SECOND);
    end();
    ecs.outcome = "refused";
    await clock.goOn(5 * MINUTE);
    ecs.outcome = "answered";
    const before = ecs.calls.length;
    work.begin();
    await clock.goOn(SECOND);
    expect(ecs.kinds.slice(before)).to.deep.equal(["get"]);
    expect(ecs.leftMs).to.be.above(50 * MINUTE);
  });

  it("releases what a call without an answer may have set", async () => {
    ecs.outcome = "answerLost";
    const end = protect().begin();
    await clock.goOn(SECOND / 4);
    end();
    ecs.outcome = "answered";
    expect(ecs.leftMs).to.be.above(0);
    await clock.goOn(20 * SECOND);
    expect(ecs.leftMs).to.equal(0);
  });

  it("asks for nothing once idle where the call certainly changed nothing", async () => {
    const refused = { get: () => ecs.get(), set: async () => Promise.reject(new ProtectionError("blocked", "test")) };
    const end = protect({ protection: refused }).begin();
    await clock.goOn(SECOND / 4);
    end();
    await clock.goOn(MINUTE);
    expect(ecs.calls).to.be.empty;
    expect(clock.timersSet).to.equal(0);
  });

  it("believes no answer that contradicts the call", async () => {
    const contrary = { get: () => ecs.get(), set: async (enabled: boolean) => ({ enabled: !enabled }) };
    const work = protect({ protection: contrary });
    work.begin();
    await clock.goOn(SECOND / 4);
    expect(work.isProtected).to.equal(false);
    expect(events[0]).to.deep.include({ kind: "failed", during: "protect" });
  });

  it("throws nothing into the work, whatever its surroundings throw", async () => {
    const broken = (): never => {
      throw new Error("broken");
    };
    const work = protect({ protection: { get: broken, set: broken }, report: broken });
    work.begin()();
    await clock.goOn(MINUTE);
    await work.stop();
    expect(work.inProgress).to.equal(0);
  });

  it("releases at its stop what it holds, once, and not what still works", async () => {
    const idle = protect();
    idle.begin()();
    await clock.goOn(SECOND);
    const stopped = Promise.all([idle.stop(), idle.stop()]);
    await clock.goOn(SECOND);
    await stopped;
    expect(ecs.kinds).to.deep.equal(["protect", "get", "release"]);
    expect(ecs.leftMs).to.equal(0);

    const working = protect();
    working.begin();
    await clock.goOn(SECOND);
    await working.stop();
    await clock.goOn(2 * 60 * MINUTE);
    expect(ecs.kinds.slice(3)).to.deep.equal(["protect"]);
  });

  it("counts on its own clock, however wrong it is against that of ECS", async () => {
    const skewMs = 3 * 60 * MINUTE;
    const skewed = async (answer: Promise<{ enabled: boolean; expiresAt?: number }>) => {
      const { enabled, expiresAt } = await answer;
      return { enabled, ...(expiresAt !== undefined && { expiresAt: expiresAt - skewMs }) };
    };
    const end = protect({
      protection: {
        get: () => skewed(ecs.get()),
        set: (enabled, minutes) => skewed(ecs.set(enabled, minutes)),
      },
    }).begin();
    await clock.goOn(49 * MINUTE);
    expect(ecs.kinds.filter((kind) => kind === "protect")).to.have.lengthOf(1);
    await clock.goOn(5 * MINUTE);
    expect(ecs.leftMs).to.be.above(50 * MINUTE);
    end();
    await clock.goOn(MINUTE);
    expect(ecs.leftMs).to.equal(0);
  });

  it("refuses times that can't be, all of them at once", () => {
    const wrong = { expiresInMinutes: 3000, renewAfterMinutes: 0, idleSeconds: 0, checkSeconds: Number.NaN };
    expect(() => protect(wrong))
      .to.throw(RangeError)
      .with.property("message")
      .that.matches(/expiresInMinutes is 3000: .*renewAfterMinutes is 0: .*idleSeconds is 0: .*checkSeconds is NaN: /);
    expect(() => protect({ expiresInMinutes: 30 })).to.throw("renewAfterMinutes is 50");
  });
});
