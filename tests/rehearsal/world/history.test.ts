import { expect } from "chai";
import { History } from "../../../rehearsal/world/history";
import { later, makeStage, SECOND, tasksOf } from "./support";

describe("history", () => {
  it("knows what an object was a moment ago, and that it wasn't there before", () => {
    const history = new History<object, string>();
    const key = {};
    history.record(key, "first", 1000);
    history.record(key, "second", 1500);
    expect([900, 1000, 1499, 1500, 9000].map((time) => history.at(key, time))).to.deep.equal([
      undefined,
      "first",
      "first",
      "second",
      "second",
    ]);
  });

  it("remembers what is gone for as long as a read can lag, and then forgets it", () => {
    const history = new History<object, string>();
    const key = {};
    history.record(key, "there", 0);
    history.record(key, undefined, 1000);
    expect(history.goneSince(900)).to.deep.equal([key]);
    expect(history.goneSince(1000)).to.deep.equal([]);
    history.record({}, "other", 4000);
    expect(history.goneSince(900)).to.deep.equal([]);
    expect(history.at(key, 900)).to.equal(undefined);
  });
});

describe("a read that lags", () => {
  it("shows an instance as ACTIVE that is DRAINING since a moment", async () => {
    const { world, cluster } = await makeStage();
    const [instance] = cluster.instances.values();
    cluster.setStatus(instance!, "DRAINING", "test");
    const statusAt = (time: number) => cluster.instancesAt(time).find((each) => each.instance === instance)!.status;
    await later(world, SECOND);
    expect([statusAt(world.clock.now - 1.5 * SECOND), statusAt(world.clock.now)]).to.deep.equal(["ACTIVE", "DRAINING"]);
  });

  it("shows a target as healthy that is draining since a moment, and one that is gone", async () => {
    const { world, targetGroup } = await makeStage({ flags: { ecsReRegistersSeconds: null } });
    const { instanceId, port } = [...targetGroup.targets.values()][0]!;
    const before = world.clock.now;
    targetGroup.deregister(instanceId, port);
    const healthAt = (time: number) =>
      targetGroup.targetsAt(time).find(({ target }) => target.instanceId === instanceId && target.port === port)
        ?.health;
    await later(world, SECOND);
    expect([healthAt(before - 1), healthAt(world.clock.now)]).to.deep.equal(["healthy", "draining"]);
    await later(world, 29.5 * SECOND);
    expect(healthAt(world.clock.now)).to.equal(undefined);
    expect(healthAt(world.clock.now - 1.5 * SECOND)).to.equal("draining");
  });

  it("doesn't show a task that was placed a moment ago, nor that one was told to stop", async () => {
    const { world, cluster, service } = await makeStage();
    const [old] = tasksOf(service);
    cluster.setDesiredCount(service, 3);
    while (tasksOf(service, "PENDING").length === 0) await later(world, SECOND / 10);
    const [placed] = tasksOf(service, "PENDING");
    cluster.life.stop(old!, "api", "", "test");
    const stateAt = (time: number) => [placed!, old!].map((task) => cluster.life.states.at(task, time));
    const [unseen, running] = stateAt(world.clock.now - SECOND);
    expect([unseen?.instance, running?.desiredStatus]).to.deep.equal([undefined, "RUNNING"]);
    const [seen, stopping] = stateAt(world.clock.now);
    expect([seen?.instance, stopping?.desiredStatus]).to.deep.equal([placed!.instance, "STOPPED"]);
  });

  it("shows a member of a group that was detached a moment ago, with the state that it had", async () => {
    const { world, group } = await makeStage();
    const [id] = group.members.keys();
    group.detach(id!, false);
    await later(world, SECOND);
    const membersAt = (time: number) => group.membersAt(time).map(({ member }) => member.instance.id);
    expect(membersAt(world.clock.now - 1.5 * SECOND)).to.include(id);
    expect(membersAt(world.clock.now)).not.to.include(id);
  });
});
