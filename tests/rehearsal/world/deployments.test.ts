import { expect } from "chai";
import * as fc from "fast-check";
import { failureThreshold, type DeploymentFault } from "../../../rehearsal/world/ecs/deployment";
import { announceDeployments } from "../../../rehearsal/world/ecs/deploymentEvents";
import { HOUR, later, makeStage, MINUTE, SECOND, tasksOf, type Stage, type StageOptions } from "./support";

const BREAKER = { enable: true, rollback: true };

/** Four tasks on four instances, with a breaker. */
const deployable = (service: StageOptions["service"] = {}, rest: StageOptions = {}): Promise<Stage> =>
  makeStage({
    group: { desiredCapacity: 4 },
    ...rest,
    service: { desiredCount: 4, circuitBreaker: BREAKER, ...service },
  });

const healthy = ({ service }: Stage): number => tasksOf(service).filter((task) => service.isHealthy(task)).length;

/** The least number of healthy tasks of a stage in this time, looked at every second. */
async function leastHealthy(stage: Stage, ms: number): Promise<number> {
  let least = Infinity;
  for (const end = stage.world.clock.now + ms; stage.world.clock.now < end;) {
    await later(stage.world, SECOND);
    least = Math.min(least, healthy(stage));
  }
  return least;
}

const revisionsOf = ({ service }: Stage): string[] => [
  ...new Set(tasksOf(service).map(({ taskDefinition }) => taskDefinition.arn.split("/")[1]!)),
];

describe("ECS deployment", () => {
  it("is in progress until every task is the new revision's and healthy, never below the minimum", async () => {
    const stage = await deployable();
    expect(stage.service.deploymentInProgress).to.equal(false);
    stage.cluster.deploy(stage.service);
    expect(stage.service.deploymentInProgress).to.equal(true);
    expect(await leastHealthy(stage, 3 * MINUTE)).to.equal(4);
    expect([revisionsOf(stage), stage.service.tasks.size]).to.deep.equal([["web:2"], 4]);
    expect(stage.service.deploymentInProgress).to.equal(false);
    expect(stage.service.rollout).to.include({ completed: 2, rolledBack: 0 });
  });

  it("never has more tasks than the maximum percent", async () => {
    const stage = await deployable({ maximumPercent: 150, minimumHealthyPercent: 100 });
    stage.cluster.deploy(stage.service);
    for (let second = 0; second < 240; second++) {
      await later(stage.world, SECOND);
      expect(tasksOf(stage.service).filter((task) => task.desiredStatus === "RUNNING").length).to.be.at.most(6);
    }
    expect(revisionsOf(stage)).to.deep.equal(["web:2"]);
  });

  it("pulls a new revision's images anew on every instance", async () => {
    const stage = await deployable();
    const [old] = tasksOf(stage.service);
    stage.cluster.deploy(stage.service);
    await later(stage.world, 3 * MINUTE);
    const [fresh] = tasksOf(stage.service);
    expect(fresh!.taskDefinition.containers[0]!.image).to.not.equal(old!.taskDefinition.containers[0]!.image);
    expect(fresh!.runningAt! - fresh!.createdAt).to.be.at.least(20 * SECOND);
  });

  it("tells EventBridge when it begins and how it ends", async () => {
    const stage = await deployable();
    const told: unknown[] = [];
    announceDeployments(stage.service, stage.world.bus);
    stage.world.bus.addRule({
      name: "deployments",
      arn: "deployments",
      pattern: { source: ["aws.ecs"], "detail-type": ["ECS Deployment State Change"] },
      rateMs: undefined,
      deliver: [
        (text) => {
          const { resources, detail } = JSON.parse(text) as { resources: string[]; detail: Record<string, string> };
          expect(resources).to.deep.equal([stage.service.spec.arn]);
          told.push([detail.eventType, detail.eventName, detail.reason]);
        },
      ],
    });
    stage.cluster.deploy(stage.service, { fails: "start" });
    await later(stage.world, 10 * MINUTE);
    const [first, second] = ["ecs-svc/0000000000000000001", "ecs-svc/0000000000000000002"];
    expect(told).to.deep.equal([
      ["INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS", `ECS deployment ${second} in progress.`],
      ["ERROR", "SERVICE_DEPLOYMENT_FAILED", "ECS deployment circuit breaker: tasks failed to start."],
      [
        "INFO",
        "SERVICE_DEPLOYMENT_IN_PROGRESS",
        `ECS deployment circuit breaker: rolling back to deploymentId ${first}.`,
      ],
      ["INFO", "SERVICE_DEPLOYMENT_COMPLETED", `ECS deployment ${first} completed.`],
    ]);
  });

  it("keeps protected tasks of the old revision beside the new ones, and ends when their protection does", async () => {
    const stage = await deployable();
    const old = tasksOf(stage.service);
    for (const task of old) stage.cluster.protect(task, stage.world.clock.now + 20 * MINUTE);
    stage.cluster.deploy(stage.service);
    await later(stage.world, 15 * MINUTE);
    expect(tasksOf(stage.service)).to.include.members(old);
    expect([healthy(stage), stage.service.deploymentInProgress]).to.deep.equal([8, true]);
    await later(stage.world, 10 * MINUTE);
    expect([healthy(stage), revisionsOf(stage)]).to.deep.equal([4, ["web:2"]]);
    expect(stage.service.deploymentInProgress).to.equal(false);
  });

  it("goes on while the service scales out, and has the new count at its end", async () => {
    const stage = await deployable({}, { group: { desiredCapacity: 6 } });
    stage.cluster.deploy(stage.service);
    await later(stage.world, 20 * SECOND);
    stage.cluster.setDesiredCount(stage.service, 7);
    await later(stage.world, 5 * MINUTE);
    expect([healthy(stage), revisionsOf(stage)]).to.deep.equal([7, ["web:2"]]);
  });
});

describe("ECS circuit breaker", () => {
  it("fails a deployment at half of the desired count, at least 3 and at most 200 failed tasks", () => {
    expect([1, 4, 6, 7, 25, 400, 1000].map(failureThreshold)).to.deep.equal([3, 3, 3, 4, 13, 200, 200]);
  });

  for (const fails of ["start", "health"] as const satisfies DeploymentFault[]) {
    it(`rolls back to the last completed deployment where tasks fail their ${fails}, without a healthy task less`, async () => {
      const stage = await deployable();
      const old = tasksOf(stage.service);
      stage.cluster.deploy(stage.service, { fails });
      expect(await leastHealthy(stage, 15 * MINUTE)).to.equal(4);
      expect(stage.service.rollout).to.include({ completed: 2, rolledBack: 1 });
      expect(tasksOf(stage.service)).to.have.members(old);
      expect(stage.service.deploymentInProgress).to.equal(false);
      const failed = stage.of("ecs.Deployment").find(({ state }) => state === "FAILED");
      expect(failed!.reason).to.match(fails === "start" ? /tasks failed to start/ : /health checks/);
    });
  }

  it("without rollback, starts no more tasks of the failed deployment and keeps the old ones", async () => {
    const stage = await deployable({ circuitBreaker: { enable: true, rollback: false } });
    const old = tasksOf(stage.service);
    stage.cluster.deploy(stage.service, { fails: "start" });
    await later(stage.world, 30 * MINUTE);
    expect(tasksOf(stage.service)).to.have.members(old);
    expect(stage.service.rollout.primary.state).to.equal("FAILED");
    expect(stage.service.deploymentInProgress).to.equal(false);
  });

  it("that is off leaves a deployment in progress, whose tasks start ever more seldom, up to 15 minutes apart", async () => {
    const stage = await deployable({ circuitBreaker: { enable: false, rollback: false } });
    const created: number[] = [];
    stage.cluster.placed.subscribe(({ createdAt }) => created.push(createdAt));
    stage.cluster.deploy(stage.service, { fails: "start" });
    expect(await leastHealthy(stage, 3 * HOUR)).to.equal(4);
    expect(stage.service.deploymentInProgress).to.equal(true);
    const rounds = [...new Set(created)];
    // The first round also waits for the images.
    const waits = rounds.slice(2).map((at, index) => at - rounds[index + 1]!);
    expect(waits).to.deep.equal([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).to.be.within(15 * MINUTE, 16 * MINUTE);
  });

  it("doesn't count tasks that a failing host takes away before they run", async () => {
    const stage = await deployable({ desiredCount: 8 });
    stage.cluster.deploy(stage.service);
    await later(stage.world, 5 * SECOND);
    const [instance] = stage.cluster.instances.values();
    stage.cluster.setStatus(instance!, "DRAINING", "test");
    await later(stage.world, 10 * MINUTE);
    expect(stage.service.rollout).to.include({ completed: 2, rolledBack: 0 });
  });

  it("brings a lost task of the old revision back as such while the new one can't run", async () => {
    const stage = await deployable({ circuitBreaker: { enable: false, rollback: false } });
    stage.cluster.deploy(stage.service, { fails: "health" });
    await later(stage.world, 2 * MINUTE);
    const [lost] = tasksOf(stage.service).filter((task) => stage.service.isHealthy(task));
    stage.cluster.life.stop(lost!, "api", "UserInitiated", "test");
    await later(stage.world, 5 * MINUTE);
    const serving = tasksOf(stage.service).filter((task) => stage.service.isHealthy(task));
    expect(serving.map(({ taskDefinition }) => taskDefinition.arn.at(-1))).to.deep.equal(["1", "1", "1", "1"]);
  });

  it("can't be asked to fail health checks that nobody does", async () => {
    const stage = await deployable({}, { targetGroup: null });
    expect(() => stage.cluster.deploy(stage.service, { fails: "health" })).to.throw(
      /nothing checks the service's tasks/,
    );
  });
});

describe("ECS deployments, whatever happens", () => {
  const step = fc.record({
    waitSeconds: fc.integer({ min: 1, max: 400 }),
    what: fc.constantFrom(
      "deploy",
      "start",
      "health",
      "more",
      "fewer",
      "protect",
      "stop",
      "drain",
      "activate" as const,
    ),
    which: fc.nat(20),
  });

  it("come to an end, with as many healthy tasks as desired and none of another revision", () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const stage = await deployable({ minimumHealthyPercent: 50 }, { group: { desiredCapacity: 6 } });
        const { cluster, service, world } = stage;
        for (const { waitSeconds, what, which } of steps) {
          await later(world, waitSeconds * SECOND);
          const task = tasksOf(service)[which % service.tasks.size]!;
          const instance = [...cluster.instances.values()][which % cluster.instances.size]!;
          if (what === "deploy") cluster.deploy(service);
          else if (what === "start" || what === "health") cluster.deploy(service, { fails: what });
          else if (what === "more") cluster.setDesiredCount(service, Math.min(8, service.desiredCount + 2));
          else if (what === "fewer") cluster.setDesiredCount(service, Math.max(1, service.desiredCount - 2));
          else if (what === "protect") cluster.protect(task, world.clock.now + 10 * MINUTE);
          else if (what === "stop") cluster.life.stop(task, "api", "UserInitiated", "test");
          else cluster.setStatus(instance, what === "drain" ? "DRAINING" : "ACTIVE", "test");
        }
        for (const instance of cluster.instances.values()) cluster.setStatus(instance, "ACTIVE", "test");
        await later(world, HOUR);
        expect(service.rollout.primary.state).to.equal("COMPLETED");
        expect(service.rollout.older).to.deep.equal([]);
        expect(new Set(tasksOf(service).map(({ deployment }) => deployment.id)).size).to.equal(1);
        expect([service.tasks.size, healthy(stage)]).to.deep.equal([service.desiredCount, service.desiredCount]);
      }),
      { numRuns: 60 },
    )).timeout(60_000);
});
