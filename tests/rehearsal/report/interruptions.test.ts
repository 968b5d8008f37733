import { expect } from "chai";
import type { KeptLine, LineFields } from "../../../rehearsal/report/data";
import { describeInterruption, type OpenInterruption } from "../../../rehearsal/report/interruptionRows";
import { AFTER_MS, Windows } from "../../../rehearsal/report/windows";
import { belongs, idsOf, linesAround } from "../../../rehearsal/report/belonging";

const AT = 1_000_000;

const open = (changes: Partial<OpenInterruption> = {}): OpenInterruption => ({
  at: AT,
  takenAt: AT + 120_000,
  until: AT + 120_000 + AFTER_MS,
  instance: "i-1",
  type: "m5.large",
  zone: "a",
  noticed: true,
  stateBefore: "ACTIVE",
  below: 0,
  tasks: [{ task: "old", label: "web 1", state: "healthy" }],
  ...changes,
});

const line = (seconds: number, event: string, fields: LineFields = {}): KeptLine => [
  AT + seconds * 1000,
  event,
  fields,
];

const DRAINED: readonly KeptLine[] = [
  line(0, "ec2.InterruptionDecided", { instanceId: "i-1", inMs: 120_000, notice: true }),
  line(1, "ecs.InstanceStatus", { instanceId: "i-1", status: "DRAINING", by: "drain" }),
  line(1, "elb.Deregistered", { instanceId: "i-1", port: 1, task: "old", label: "web 1" }),
  line(2, "ecs.TaskPlaced", { instanceId: "i-2", task: "new", label: "web 2" }),
  line(4, "ecs.TaskRunning", { instanceId: "i-2", task: "new", label: "web 2" }),
  line(5, "service.BelowDesired"),
  line(20, "elb.HealthChanged", { instanceId: "i-2", port: 2, task: "new", label: "web 2", health: "healthy" }),
  line(20, "service.AtDesired"),
  line(46, "container.Sigterm", { instanceId: "i-1", task: "old", label: "web 1" }),
  line(50, "container.Exited", { instanceId: "i-1", task: "old", label: "web 1", exit: "finished" }),
  line(120, "ec2.Terminated", { instanceId: "i-1", reason: "Spot interruption" }),
];

const described = (lines: readonly KeptLine[], changes: Partial<OpenInterruption> = {}) =>
  describeInterruption(open(changes), lines, true);

describe("an interruption", () => {
  it("tells its steps in words, in order, with who took them", () => {
    const steps = described(DRAINED).milestones.map(({ at, who, what }) => [(at - AT) / 1000, who, what]);
    expect(steps).to.deep.equal([
      [0, "i-1 (m5.large, a)", "interruption notice"],
      [1, "i-1 (m5.large, a)", "DRAINING, by drain"],
      [1, "web 1", "deregistered from the load balancer"],
      [2, "web 2", "placed"],
      [4, "web 2", "RUNNING"],
      [20, "web 2", "healthy at the load balancer"],
      [46, "web 1", "SIGTERM"],
      [50, "web 1", "exited by itself"],
      [120, "i-1 (m5.large, a)", "ended: Spot interruption"],
    ]);
  });

  it("tells how long each thing took", () => {
    const { timing, belowSeconds, killed, failed } = described(DRAINED);
    expect(timing).to.deep.equal({ draining: 1, lastTargetOut: 1, lastExit: 50, replacementHealthy: 20 });
    expect({ belowSeconds, killed, failed }).to.deep.equal({ belowSeconds: 15, killed: 0, failed: 0 });
  });

  it("has no replacement before as many new tasks are healthy as it had", () => {
    const tasks = [..."ab"].map((task) => ({ task, label: task, state: "healthy" }));
    expect(described(DRAINED, { tasks }).timing.replacementHealthy).to.equal(undefined);
  });

  it("adds up what failed by second and cause, and counts the tasks that were killed", () => {
    const failed = [0.2, 0.9, 30].map((at) => line(at, "requests.Failed", { cause: "deadTarget", count: 3 }));
    const lost = line(120, "container.Exited", { instanceId: "i-1", task: "old", exit: "hostLost" });
    const other = line(120, "container.Exited", { instanceId: "i-9", task: "another", exit: "killed" });
    const interruption = described([...failed, lost, other]);
    expect(interruption.failed).to.equal(9);
    expect(interruption.failures).to.deep.equal([
      [0, "deadTarget", 6],
      [30, "deadTarget", 3],
    ]);
    expect(interruption.killed).to.equal(1);
  });

  it("is below desired from its beginning where a service was already", () => {
    expect(described([line(7, "service.AtDesired")], { below: 1 }).belowSeconds).to.equal(7);
  });

  it("shows events that nobody told it of among its lines, and no step", () => {
    const unknown = line(3, "rebalance.Considered", { instanceId: "i-1" });
    const interruption = described([...DRAINED, unknown]);
    expect(interruption.milestones).to.deep.equal(described(DRAINED).milestones);
    expect(belongs(unknown, idsOf(interruption))).to.equal(true);
  });

  it("has for its own the lines about its instance, its tasks, what came instead, and about nobody", () => {
    const ids = idsOf(described(DRAINED));
    expect(DRAINED.every((each) => belongs(each, ids))).to.equal(true);
    expect(belongs(line(1, "elb.Registered", { instanceId: "i-7" }), ids)).to.equal(false);
    expect(belongs(line(1, "lambda.Log", { text: "instance i-1 detached" }), ids)).to.equal(true);
    expect(belongs(line(1, "lambda.Log", { text: "instance i-7 detached" }), ids)).to.equal(false);
  });
});

describe("log lines around interruptions", () => {
  const kept = (windows: Windows): string[] => windows.finish().map(([, event]) => event);

  it("are kept from 5 s before one to 3 minutes after its instance is gone, and nothing else", () => {
    const windows = new Windows();
    for (const seconds of [-60, -4, 0, 299, 301]) {
      windows.add(AT + seconds * 1000, `${seconds}`, {});
      if (seconds === 0) windows.begin(open());
    }
    expect(kept(windows)).to.deep.equal(["-4", "0", "299"]);
    expect(
      linesAround([line(-60, "a"), line(-4, "b"), line(300, "c")], described([])).map(([, event]) => event),
    ).to.deep.equal(["b", "c"]);
  });

  it("are kept once where interruptions overlap", () => {
    const windows = new Windows();
    windows.begin(open());
    windows.begin(open({ at: AT + 10_000, until: AT + 400_000, instance: "i-2" }));
    windows.add(AT + 20_000, "both", {});
    expect(kept(windows)).to.deep.equal(["both"]);
    expect(windows.interruptions.map(({ instance }) => instance)).to.have.members(["i-1", "i-2"]);
  });

  it("beyond the limit are those of interruptions in which something failed; the others are counted", () => {
    const windows = new Windows(2);
    const one = (at: number, event: string): void => {
      windows.begin(open({ at, until: at + 1000 }));
      for (const index of [0, 1])
        windows.add(at + index, event, event === "calm" ? {} : { cause: "deadTarget", count: 1 });
    };
    one(AT, "calm");
    one(AT + 10_000, "calm");
    one(AT + 20_000, "requests.Failed");
    expect(kept(windows)).to.deep.equal(["calm", "calm", "requests.Failed", "requests.Failed"]);
    expect(windows.leftOut).to.deep.equal({ interruptions: 0, lines: 2 });
    expect(windows.interruptions.map(({ hasLines }) => hasLines)).to.deep.equal([true, false, true]);
  });
});
