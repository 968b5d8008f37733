import { expect } from "chai";
import fc from "fast-check";
import { LaneRows } from "../../../rehearsal/report/laneRows";

const launch = (lanes: LaneRows, at: number, instanceId: string): void =>
  lanes.onEvent(at, "ec2.Launched", { instanceId, instanceType: "m5.large", availabilityZone: "a", lifecycle: "spot" });

describe("rows of instances", () => {
  it("tell an instance's states from its launch to its end", () => {
    const lanes = new LaneRows();
    launch(lanes, 0, "i-1");
    lanes.onEvent(60, "ecs.InstanceRegistered", { instanceId: "i-1" });
    lanes.onEvent(90, "ec2.InterruptionDecided", { instanceId: "i-1", inMs: 120, notice: true });
    lanes.onEvent(91, "ecs.InstanceStatus", { instanceId: "i-1", status: "DRAINING" });
    lanes.onEvent(210, "ec2.Terminated", { instanceId: "i-1" });
    const [life] = lanes.instances;
    const states = [
      [0, "pending"],
      [60, "ACTIVE"],
      [90, "noticed"],
      [91, "DRAINING"],
    ];
    expect(life).to.deep.include({ id: "i-1", row: 0, endedAt: 210, changes: states });
  });

  it("keep DRAINING when a notice comes to what drains already", () => {
    const lanes = new LaneRows();
    launch(lanes, 0, "i-1");
    lanes.onEvent(1, "ecs.InstanceStatus", { instanceId: "i-1", status: "DRAINING" });
    lanes.onEvent(2, "ec2.InterruptionDecided", { instanceId: "i-1", notice: true });
    expect(lanes.stateOf("i-1")).to.equal("DRAINING");
  });

  it("show a state that nobody told them of by its own name", () => {
    const lanes = new LaneRows();
    launch(lanes, 0, "i-1");
    lanes.onEvent(1, "ecs.InstanceStatus", { instanceId: "i-1", status: "DEREGISTERING" });
    expect(lanes.stateOf("i-1")).to.equal("DEREGISTERING");
  });

  it("are as many as lived at once, and never hold two at a time", () => {
    const lives = fc.array(fc.record({ from: fc.nat(1000), length: fc.integer({ min: 1, max: 300 }) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(lives, (all) => {
        const lanes = new LaneRows();
        const events = all.flatMap(({ from, length }, index) => [
          { at: from, isEnd: false, id: `i-${index}` },
          { at: from + length, isEnd: true, id: `i-${index}` },
        ]);
        // What ends makes room for what begins.
        events.sort((a, b) => a.at - b.at || Number(b.isEnd) - Number(a.isEnd));
        let living = 0;
        let most = 0;
        for (const { at, isEnd, id } of events) {
          if (isEnd) lanes.onEvent(at, "ec2.Terminated", { instanceId: id });
          else launch(lanes, at, id);
          living += isEnd ? -1 : 1;
          most = Math.max(most, living);
        }
        expect(lanes.rows).to.equal(most);
        for (const one of lanes.instances) {
          const others = lanes.instances.filter((other) => other !== one && other.row === one.row);
          const from = one.changes[0]![0];
          for (const other of others)
            expect(other.changes[0]![0] >= one.endedAt! || other.endedAt! <= from).to.equal(true);
        }
      }),
    );
  });
});
