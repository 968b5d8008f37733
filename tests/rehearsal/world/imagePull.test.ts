import { expect } from "chai";
import { ECS } from "../../../rehearsal/world/constants";
import type { TaskDefinitionSpec } from "../../../rehearsal/world/ecs/spec";
import { addService, later, makeStage, MINUTE, SECOND, SERVICE, tasksOf } from "./support";

const PULL = ECS.imagePullMs;
const START = ECS.startMs;

const withImages = (...images: string[]): TaskDefinitionSpec => ({
  ...SERVICE.taskDefinition,
  containers: images.map((image) => ({ name: image, image, containerPorts: [], stopTimeoutSeconds: undefined })),
});

/** One instance, and how long each task there took from its placement to RUNNING, in the order of their placement. */
async function onOneInstance(desiredCount: number, taskDefinition: TaskDefinitionSpec = withImages("web:1")) {
  const stage = await makeStage({
    group: { desiredCapacity: 1 },
    targetGroup: null,
    service: { desiredCount, taskDefinition },
  });
  const took = (): number[] => {
    const running = new Map(stage.of("ecs.TaskRunning").map(({ task, t }) => [task, t]));
    return stage.of("ecs.TaskPlaced").map(({ task, t }) => running.get(task)! - t);
  };
  return { stage, took };
}

describe("ECS image pull", () => {
  it("holds up the first task of an image on an instance, and no later one", async () => {
    const { stage, took } = await onOneInstance(1);
    stage.cluster.setDesiredCount(stage.service, 2);
    await later(stage.world, MINUTE);
    expect(took()).to.deep.equal([PULL + START, START]);
  });

  it("holds up those that are placed while it lasts until it is over, not longer", async () => {
    const { stage, took } = await onOneInstance(0);
    stage.cluster.setDesiredCount(stage.service, 1);
    await later(stage.world, 5 * SECOND);
    const [first] = stage.of("ecs.TaskPlaced");
    stage.cluster.setDesiredCount(stage.service, 2);
    await later(stage.world, MINUTE);
    const second = stage.of("ecs.TaskPlaced")[1]!;
    expect(took()).to.deep.equal([PULL + START, PULL + START - (second.t - first!.t)]);
  });

  it("goes on where the task that began it is stopped", async () => {
    const { stage, took } = await onOneInstance(0);
    stage.cluster.setDesiredCount(stage.service, 1);
    await later(stage.world, 5 * SECOND);
    stage.cluster.setDesiredCount(stage.service, 0);
    await later(stage.world, MINUTE);
    stage.cluster.setDesiredCount(stage.service, 1);
    await later(stage.world, MINUTE);
    expect(took()[1]).to.equal(START);
  });

  it("is one for several images at a time, and none for what another task definition brought along", async () => {
    const { stage, took } = await onOneInstance(1, withImages("web:1", "sidecar:1"));
    const taskDefinition = withImages("sidecar:1", "web:1");
    addService(stage.world, { name: "same", desiredCount: 1, taskDefinition });
    await later(stage.world, MINUTE);
    addService(stage.world, { name: "newer", desiredCount: 1, taskDefinition: withImages("web:2", "sidecar:1") });
    await later(stage.world, MINUTE);
    expect(took()).to.deep.equal([PULL + START, START, PULL + START]);
  });

  it("is needed again on a new instance", async () => {
    const { stage, took } = await onOneInstance(1);
    const [task] = tasksOf(stage.service);
    stage.world.ec2.interrupt(task!.instance!.ec2, stage.world.clock.now + 2 * MINUTE, false);
    await later(stage.world, 20 * MINUTE);
    expect(took()).to.deep.equal([PULL + START, PULL + START]);
  });
});
