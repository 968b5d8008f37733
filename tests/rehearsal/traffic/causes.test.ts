import { expect } from "chai";
import { SECOND, Stage } from "../../support/stage";

const IN_OUTAGE = { shortage: () => "outage" as const };

/** The causes that have failures. */
const causesOf = (failedBy: Readonly<Record<string, number>>): string[] =>
  Object.entries(failedBy).flatMap(([cause, count]) => (count > 0 ? [cause] : []));

for (const exact of [false, true]) {
  describe(`while no pool can launch, ${exact ? "in the exact mode" : "in the flow"}`, () => {
    it("a request that finds no target is lost to the outage", async () => {
      const stage = await Stage.set({ flags: { ecsReRegistersSeconds: null } });
      for (const { instanceId, port } of stage.targetGroup.targets.values()) {
        stage.targetGroup.deregister(instanceId, port);
      }
      await stage.run(5 * SECOND);
      const traffic = stage.send({ ...IN_OUTAGE, exact });
      await stage.run(10 * SECOND);
      traffic.finish();
      expect(causesOf(traffic.tally.failedBy)).to.deep.equal(["outage"]);
    });

    it("a request that is too much for the tasks that are left is lost to the outage", async () => {
      const stage = await Stage.set({ profile: { concurrency: 1 } });
      const traffic = stage.send({ ...IN_OUTAGE, exact });
      await stage.run(10 * SECOND);
      traffic.finish();
      expect(causesOf(traffic.tally.failedBy)).to.deep.equal(["outage"]);
    });

    it("a request that was killed, or sent to a target that was gone, is still a failure of the stack", async () => {
      const stage = await Stage.set();
      const traffic = stage.send({ ...IN_OUTAGE, exact });
      await stage.run(SECOND);
      stage.world.ec2.interrupt(stage.instances[0]!, stage.world.clock.now + SECOND, false);
      await stage.run(10 * SECOND);
      traffic.finish();
      expect(causesOf(traffic.tally.failedBy)).to.deep.equal(["deadTarget", "killedInFlight"]);
    });
  });

  describe(`an instance that goes, ${exact ? "in the exact mode" : "in the flow"}`, () => {
    it("without a notice costs what nobody could have saved: nothing else is blamed", async () => {
      const stage = await Stage.set();
      const traffic = stage.send({ exact });
      await stage.run(SECOND);
      stage.world.ec2.interrupt(stage.instances[0]!, stage.world.clock.now + SECOND, true);
      await stage.run(10 * SECOND);
      traffic.finish();
      expect(causesOf(traffic.tally.failedBy)).to.deep.equal(["withoutNotice"]);
    });

    it("without a notice excuses nothing that happened before it went", async () => {
      const stage = await Stage.set({ profile: { onSigterm: "exit" } });
      const traffic = stage.send({ exact });
      await stage.run(SECOND);
      const [task] = stage.tasks;
      stage.world.ec2.interrupt(task!.instance!.ec2, stage.world.clock.now + 60 * SECOND, true);
      stage.cluster.life.stop(task!, "api", "UserInitiated", "test");
      await stage.run(10 * SECOND);
      traffic.finish();
      expect(causesOf(traffic.tally.failedBy)).to.deep.equal(["deadTarget", "killedInFlight"]);
    });
  });
}
