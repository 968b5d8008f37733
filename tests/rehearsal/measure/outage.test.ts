import { expect } from "chai";
import { OutageWatch } from "../../../rehearsal/measure/outage";
import { MINUTE, SECOND, Stage } from "../../support/stage";

async function watched() {
  const stage = await Stage.set();
  const { ec2, clock } = stage.world;
  const watch = new OutageWatch(stage.world);
  return {
    stage,
    watch,
    limit: (availabilityZone: string | undefined, capacity: number | null) => {
      ec2.market.limit({ availabilityZone }, capacity);
      ec2.marketMoved.publish(undefined);
    },
    takeOne: () => ec2.interrupt(stage.instances[0]!, clock.now + 2 * MINUTE, false),
  };
}

describe("an outage", () => {
  it("is when an instance is missing and no pool of the group would give one", async () => {
    const { watch, limit, takeOne } = await watched();
    limit(undefined, 0);
    expect(watch.isOutage).to.equal(false);
    takeOne();
    expect(watch.isOutage).to.equal(true);
  });

  it("is none while another zone has capacity", async () => {
    const { watch, limit, takeOne } = await watched();
    limit("eu-west-1a", 0);
    takeOne();
    expect(watch.isOutage).to.equal(false);
  });

  it("ends when a pool can launch again, not only when the instance is there", async () => {
    const { stage, watch, limit, takeOne } = await watched();
    limit(undefined, 0);
    takeOne();
    await stage.run(10 * MINUTE);
    expect(watch.isOutage).to.equal(true);
    limit(undefined, null);
    expect(watch.isOutage).to.equal(false);
  });

  it("settles what was before it begins", async () => {
    const { stage, limit, takeOne, watch } = await watched();
    const settled: boolean[] = [];
    stage.world.context.beforeChange.subscribe(() => settled.push(watch.isOutage));
    limit(undefined, 0);
    takeOne();
    expect(settled).to.deep.equal([false]);
    await stage.run(SECOND);
  });
});
