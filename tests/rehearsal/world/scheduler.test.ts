import { expect } from "chai";
import { canPlaceOn } from "../../../rehearsal/world/ecs/containerInstance";
import { later, makeStage, MINUTE, SECOND, secondsSince, STAGED, tasksOf, type Stage } from "./support";

/** The container instance that has the service's first task. */
const busy = ({ service }: Stage) => tasksOf(service, "RUNNING")[0]!.instance!;

const running = ({ service }: Stage): number => tasksOf(service, "RUNNING").length;

describe("ECS scheduler: minimum and maximum", () => {
  it("rounds the minimum up and the maximum down", async () => {
    const { service } = await makeStage({
      service: { desiredCount: 3, minimumHealthyPercent: 50, maximumPercent: 150 },
    });
    expect([service.minimumHealthy, service.maximumRunning]).to.deep.equal([2, 4]);
  });

  it("brings a service up to its desired count, and never beyond its maximum", async () => {
    const stage = await makeStage({ service: { desiredCount: 5 } });
    expect(running(stage)).to.equal(5);
  });

  it("at a minimum of 100, stops a draining task only once its replacement is healthy", async () => {
    const stage = await makeStage();
    const old = tasksOf(stage.service).find((task) => task.instance === busy(stage))!;
    stage.cluster.setStatus(busy(stage), "DRAINING", "test");
    await later(stage.world, 2 * SECOND);
    expect(tasksOf(stage.service)).to.have.length(3);
    expect(old.desiredStatus).to.equal("RUNNING");
    await later(stage.world, MINUTE);
    expect(old.lastStatus).to.equal("STOPPED");
    expect(tasksOf(stage.service).filter((task) => stage.service.isHealthy(task))).to.have.length(2);
  });

  it("below 100, stops draining tasks first, down to the minimum", async () => {
    const stage = await makeStage({ service: { desiredCount: 4, minimumHealthyPercent: 50 } });
    const drained = busy(stage);
    const going = tasksOf(stage.service).filter((task) => task.instance === drained);
    stage.cluster.setStatus(drained, "DRAINING", "test");
    await later(stage.world, 2 * SECOND);
    expect(going.map((task) => task.desiredStatus)).to.deep.equal(going.map(() => "STOPPED"));
  });

  it("at a maximum of 100, starts a replacement only when a draining task is on its way out", async () => {
    for (const maximumPercentCountsStopping of [true, false]) {
      const stage = await makeStage({
        flags: { maximumPercentCountsStopping },
        service: { minimumHealthyPercent: 50, maximumPercent: 100 },
      });
      const old = tasksOf(stage.service).find((task) => task.instance === busy(stage))!;
      stage.cluster.setStatus(busy(stage), "DRAINING", "test");
      await later(stage.world, 2 * SECOND);
      expect(old.lastStatus).to.equal("DEACTIVATING");
      expect(tasksOf(stage.service)).to.have.length(maximumPercentCountsStopping ? 2 : 3);
      await later(stage.world, MINUTE);
      expect(old.lastStatus).to.equal("STOPPED");
      expect(running(stage)).to.equal(2);
    }
  });

  it("at minimum and maximum 100, draining is deadlocked", async () => {
    const stage = await makeStage({ service: { minimumHealthyPercent: 100, maximumPercent: 100 } });
    const going = tasksOf(stage.service).filter((task) => task.instance === busy(stage));
    stage.cluster.setStatus(busy(stage), "DRAINING", "test");
    await later(stage.world, 30 * MINUTE);
    expect(going.every((task) => task.desiredStatus === "RUNNING")).to.equal(true);
    expect(tasksOf(stage.service)).to.have.length(2);
  });
});

describe("ECS scheduler: draining", () => {
  it("places nothing on a DRAINING instance, and again once it is ACTIVE", async () => {
    const stage = await makeStage({ group: { desiredCapacity: 1 } });
    const instance = busy(stage);
    stage.cluster.setStatus(instance, "DRAINING", "test");
    expect(canPlaceOn(instance)).to.equal(false);
    stage.cluster.setDesiredCount(stage.service, 3);
    await later(stage.world, 5 * MINUTE);
    expect(tasksOf(stage.service, "PROVISIONING").length).to.be.greaterThan(0);
    stage.cluster.setStatus(instance, "ACTIVE", "test");
    await later(stage.world, MINUTE);
    expect(running(stage)).to.equal(3);
  });

  it("stops a PENDING task at once", async () => {
    const stage = await makeStage({ group: { desiredCapacity: 1 } });
    stage.cluster.setDesiredCount(stage.service, 3);
    while (tasksOf(stage.service, "PENDING").length === 0) await later(stage.world, SECOND / 10);
    const [pending] = tasksOf(stage.service, "PENDING");
    stage.cluster.setStatus(pending!.instance!, "DRAINING", "test");
    await later(stage.world, 1.5 * SECOND);
    expect(pending!.lastStatus).to.equal("STOPPED");
  });

  it("keeps a protected task on a DRAINING instance only where the flag says so", async () => {
    for (const protectionBlocksDrain of [true, false]) {
      const stage = await makeStage({ flags: { protectionBlocksDrain }, service: { minimumHealthyPercent: 0 } });
      const [task] = tasksOf(stage.service);
      stage.cluster.protect(task!, stage.world.clock.now + 10 * MINUTE);
      stage.cluster.setStatus(task!.instance!, "DRAINING", "test");
      await later(stage.world, 9 * MINUTE);
      expect(task!.desiredStatus).to.equal(protectionBlocksDrain ? "RUNNING" : "STOPPED");
      await later(stage.world, 2 * MINUTE);
      expect(task!.desiredStatus).to.equal("STOPPED");
    }
  });
});

describe("ECS scheduler: scale-in, deployments, health", () => {
  it("skips protected tasks on scale-in", async () => {
    const stage = await makeStage({ service: { desiredCount: 4 } });
    const [first, second] = tasksOf(stage.service);
    for (const task of [first!, second!]) stage.cluster.protect(task, stage.world.clock.now + 30 * MINUTE);
    stage.cluster.setDesiredCount(stage.service, 2);
    await later(stage.world, 2 * MINUTE);
    expect(tasksOf(stage.service)).to.have.members([first, second]);
  });

  it("keeps zones balanced on scale-in where tasks are spread", async () => {
    const stage = await makeStage({ group: { desiredCapacity: 3 }, service: { desiredCount: 6 } });
    stage.cluster.setDesiredCount(stage.service, 3);
    await later(stage.world, 2 * MINUTE);
    const zones = tasksOf(stage.service).map((task) => task.instance!.ec2.availabilityZone);
    expect(zones.sort()).to.deep.equal(["a", "b", "c"]);
  });

  it("empties the instance with most room on scale-in where tasks are packed", async () => {
    const stage = await makeStage({
      service: { desiredCount: 5, placementStrategies: [{ type: "binpack", field: "cpu" }] },
    });
    stage.cluster.setDesiredCount(stage.service, 4);
    await later(stage.world, 2 * MINUTE);
    const instances = new Set(tasksOf(stage.service).map((task) => task.instance));
    expect(instances.size).to.equal(1);
  });

  it("replaces every task in a new deployment, protected ones excepted, never below the minimum", async () => {
    const stage = await makeStage();
    const [kept, replaced] = tasksOf(stage.service);
    stage.cluster.protect(kept!, stage.world.clock.now + 30 * MINUTE);
    stage.cluster.forceNewDeployment(stage.service);
    let least = Infinity;
    for (let second = 0; second < 90; second++) {
      await later(stage.world, SECOND);
      least = Math.min(least, tasksOf(stage.service).filter((task) => stage.service.isHealthy(task)).length);
    }
    expect(least).to.equal(2);
    expect(tasksOf(stage.service)).to.include(kept).and.not.include(replaced);
  });

  it("replaces an unhealthy task before it stops it, where the maximum allows", async () => {
    const stage = await makeStage();
    const [task] = tasksOf(stage.service);
    const { instance } = task!;
    stage.world.ec2.interrupt(instance!.ec2, stage.world.clock.now, true);
    await later(stage.world, 25 * SECOND);
    expect(stage.targetGroup.targets.get(`${instance!.ec2.id}:${task!.ports[0]!.hostPort}`)?.health).to.equal(
      "unhealthy",
    );
    expect(tasksOf(stage.service)).to.have.length(3);
    expect(task!.desiredStatus).to.equal("RUNNING");
    await later(stage.world, 30 * SECOND);
    expect(task!.desiredStatus).to.equal("STOPPED");
  });

  it("leaves an unhealthy task alone within its grace period", async () => {
    for (const [healthCheckGracePeriodSeconds, isReplaced] of [
      [0, true],
      [600, false],
    ] as const) {
      const stage = await makeStage({
        service: { healthCheckGracePeriodSeconds },
        workload: { startMs: () => 20 * MINUTE },
      });
      await later(stage.world, MINUTE);
      expect(stage.of("ecs.TaskStopping").length > 0).to.equal(isReplaced);
    }
  });

  it("counts a task without a load balancer as healthy 40 s after it runs", async () => {
    const stage = await makeStage({ targetGroup: null });
    stage.cluster.setDesiredCount(stage.service, 3);
    while (tasksOf(stage.service, "RUNNING").length < 3) await later(stage.world, SECOND / 10);
    const task = tasksOf(stage.service).find(({ runningAt }) => runningAt! > STAGED)!;
    await later(stage.world, 39 * SECOND);
    expect(stage.service.isHealthy(task)).to.equal(false);
    await later(stage.world, SECOND);
    expect(stage.service.isHealthy(task)).to.equal(true);
    expect(secondsSince(stage.world, task.runningAt!)).to.be.closeTo(40, 0.2);
  });

  it("has for every task the opinion that a look at it would give", async () => {
    const stage = await makeStage({
      group: { desiredCapacity: 4 },
      service: { desiredCount: 8, minimumHealthyPercent: 50 },
    });
    const { world, service, cluster } = stage;
    for (let step = 0; step < 60; step++) {
      await later(world, 7 * SECOND);
      const instances = [...cluster.instances.values()];
      if (step % 10 === 3) cluster.setStatus(instances[step % instances.length]!, "DRAINING", "test");
      if (step % 10 === 7) world.ec2.interrupt(instances[0]!.ec2, world.clock.now + 120 * SECOND, step % 20 === 7);
      if (step === 25) cluster.forceNewDeployment(service);
      const healthy = tasksOf(service).filter((task) => task.desiredStatus === "RUNNING" && service.isHealthy(task));
      expect(service.standing.healthyCount, `at ${world.clock.now}`).to.equal(healthy.length);
      expect(service.waiting.size).to.equal(tasksOf(service, "PROVISIONING").length);
    }
  });
});
