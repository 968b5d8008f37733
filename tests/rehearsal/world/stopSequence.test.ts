import { expect } from "chai";
import { keyOf } from "../../../rehearsal/world/elb/target";
import type { Task } from "../../../rehearsal/world/ecs/task";
import { later, makeStage, MINUTE, SECOND, SERVICE, tasksOf, type Stage, type StageOptions } from "./support";

interface Signalled {
  at: number | undefined;
  exitedAt: number | undefined;
  exit: string | undefined;
}

/** When a task gets SIGTERM and when it is gone, in seconds from now. */
function watch({ world, cluster }: Stage, watched: Task): Signalled {
  const from = world.clock.now;
  const seen: Signalled = { at: undefined, exitedAt: undefined, exit: undefined };
  cluster.life.signalled.subscribe(({ task }) => {
    if (task === watched) seen.at = (world.clock.now - from) / SECOND;
  });
  cluster.life.exited.subscribe(({ task, exit }) => {
    if (task === watched) Object.assign(seen, { exitedAt: (world.clock.now - from) / SECOND, exit });
  });
  return seen;
}

async function stopping(options: StageOptions, by: "scheduler" | "api") {
  const stage = await makeStage(options);
  const [task] = tasksOf(stage.service);
  const seen = watch(stage, task!);
  stage.cluster.life.stop(task!, by, "UserInitiated", "test");
  return { stage, task: task!, seen };
}

describe("ECS stop sequence", () => {
  it("sends no SIGTERM before the deregistration delay ends, where the scheduler stops a task", async () => {
    const { stage, task, seen } = await stopping({ targetGroup: { deregistrationDelayMs: 45 * SECOND } }, "scheduler");
    await later(stage.world, 44 * SECOND);
    expect([seen.at, task.lastStatus]).to.deep.equal([undefined, "DEACTIVATING"]);
    await later(stage.world, 10 * SECOND);
    expect(seen).to.deep.equal({ at: 45, exitedAt: 47, exit: "finished" });
    expect(task.lastStatus).to.equal("STOPPED");
  });

  it("with the default delay of 300 s, SIGTERM never arrives within a notice", async () => {
    const stage = await makeStage({
      targetGroup: { deregistrationDelayMs: 300 * SECOND },
      service: { minimumHealthyPercent: 0 },
    });
    const [task] = tasksOf(stage.service);
    const seen = watch(stage, task!);
    stage.world.ec2.interrupt(task!.instance!.ec2, stage.world.clock.now + 120 * SECOND, false);
    stage.cluster.setStatus(task!.instance!, "DRAINING", "test");
    await later(stage.world, 10 * MINUTE);
    expect(seen).to.deep.equal({ at: undefined, exitedAt: 120, exit: "hostLost" });
  });

  it("sends SIGTERM at once at a StopTask, unless the flag says that it deregisters first", async () => {
    const atOnce = await stopping({ flags: { stopTaskDeregistersFirst: false } }, "api");
    await later(atOnce.stage.world, MINUTE);
    expect(atOnce.seen.at).to.equal(0);
    const first = await stopping({ flags: { stopTaskDeregistersFirst: true } }, "api");
    await later(first.stage.world, MINUTE);
    expect(first.seen.at).to.equal(30);
  });

  it("shows a task as RUNNING or DEACTIVATING while its only target drains, as the flag says", async () => {
    for (const [singleTargetGroupDeactivating, status] of [
      [true, "DEACTIVATING"],
      [false, "RUNNING"],
    ] as const) {
      const { stage, task } = await stopping({ flags: { singleTargetGroupDeactivating } }, "scheduler");
      await later(stage.world, 10 * SECOND);
      expect([task.lastStatus, task.desiredStatus]).to.deep.equal([status, "STOPPED"]);
    }
  });

  it("kills a container that is still there when its stop timeout ends", async () => {
    const containers = [{ name: "web", image: "web:1", containerPorts: [80], stopTimeoutSeconds: 20 }];
    const { stage, seen } = await stopping(
      {
        service: { taskDefinition: { ...SERVICE.taskDefinition, containers } },
        workload: { exitAfterSigtermMs: () => undefined },
      },
      "api",
    );
    await later(stage.world, MINUTE);
    expect(seen).to.deep.equal({ at: 0, exitedAt: 20, exit: "killed" });
  });

  it("takes the agent's stop timeout where the container sets none", async () => {
    const userData =
      "#!/bin/bash\necho ECS_CLUSTER=cluster >> /etc/ecs/ecs.config\necho ECS_CONTAINER_STOP_TIMEOUT=50s >> /etc/ecs/ecs.config";
    const { stage, seen } = await stopping(
      { group: { userData }, workload: { exitAfterSigtermMs: () => undefined } },
      "api",
    );
    await later(stage.world, 2 * MINUTE);
    expect(seen.exitedAt).to.equal(50);
  });

  it("doesn't wait for a target that somebody else had deregistered and whose delay is over", async () => {
    const stage = await makeStage({ flags: { ecsReRegistersSeconds: null } });
    const [task] = tasksOf(stage.service);
    stage.targetGroup.deregister(task!.instance!.ec2.id, task!.ports[0]!.hostPort);
    await later(stage.world, 31 * SECOND);
    const seen = watch(stage, task!);
    stage.cluster.life.stop(task!, "scheduler", "", "test");
    expect(seen.at).to.equal(0);
  });

  it("registers again a target that somebody else deregistered, after as long as the flag says, and never one of a stopping task", async () => {
    for (const seconds of [null, 5, 30] as const) {
      const stage = await makeStage({
        flags: { ecsReRegistersSeconds: seconds },
        targetGroup: { deregistrationDelayMs: 60 * SECOND },
      });
      const [task, other] = tasksOf(stage.service);
      const health = (of: Task) =>
        stage.targetGroup.targets.get(keyOf(of.instance!.ec2.id, of.ports[0]!.hostPort))?.health;
      stage.targetGroup.deregister(task!.instance!.ec2.id, task!.ports[0]!.hostPort);
      stage.cluster.life.stop(other!, "scheduler", "", "test");
      await later(stage.world, ((seconds ?? 50) - 1) * SECOND);
      expect(health(task!)).to.equal("draining");
      await later(stage.world, 2 * SECOND);
      expect(health(task!)).to.equal(seconds === null ? "draining" : "initial");
      expect(health(other!)).to.equal("draining");
    }
  });

  it("tells of a lost host's tasks only after as long as the flag says", async () => {
    for (const deadHostDetectSeconds of [30, 300, 900] as const) {
      const stage = await makeStage({ flags: { deadHostDetectSeconds }, targetGroup: null });
      const [task] = tasksOf(stage.service);
      stage.world.ec2.interrupt(task!.instance!.ec2, stage.world.clock.now, true);
      await later(stage.world, (deadHostDetectSeconds - 1) * SECOND);
      expect([task!.process, task!.lastStatus]).to.deep.equal(["exited", "RUNNING"]);
      await later(stage.world, 2 * SECOND);
      expect([task!.lastStatus, task!.stopCode]).to.deep.equal(["STOPPED", "TerminationNotice"]);
    }
  });
});
