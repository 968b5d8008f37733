import { expect } from "chai";
import { EPOCH_MS } from "../../../rehearsal/world/constants";
import { AgentProtection, type AgentAnswer, type AgentError } from "../../../rehearsal/world/ecs/agentProtection";
import { noFaults } from "../../../rehearsal/world/faults";
import type { Statement } from "../../../rehearsal/world/iam";
import { HOUR, later, makeStage, MINUTE, SECOND, SERVICE, tasksOf, type Stage, type StageOptions } from "./support";

interface Asked {
  readonly answer?: AgentAnswer;
  /** The error's code. */
  readonly error?: string;
  readonly tookMs: number;
}

/** What the endpoint answers the container, or undefined where it never does. */
async function ask(stage: Stage, call: () => Promise<AgentAnswer>): Promise<Asked | undefined> {
  const from = stage.world.clock.now;
  let asked: Asked | undefined;
  call().then(
    (answer) => (asked = { answer, tookMs: stage.world.clock.now - from }),
    (error: AgentError) => (asked = { error: error.code, tookMs: stage.world.clock.now - from }),
  );
  for (let passed = 0; asked === undefined && passed < 10 * SECOND; passed += SECOND / 50)
    await later(stage.world, SECOND / 50);
  return asked;
}

async function container(options: StageOptions = {}) {
  const stage = await makeStage(options);
  const [task] = tasksOf(stage.service);
  const agent = new AgentProtection(stage.cluster, task!, stage.world.context);
  return { stage, task: task!, agent, asked: (call: () => Promise<AgentAnswer>) => ask(stage, call) };
}

const withRole = (taskRole: readonly Statement[] | undefined): StageOptions => ({
  service: { taskDefinition: { ...SERVICE.taskDefinition, taskRole } },
});

describe("the agent's task protection endpoint", () => {
  it("protects the container's own task until the time it tells, and tells of it", async () => {
    const { stage, task, agent, asked } = await container();
    const set = (await asked(() => agent.set(true, 60)))!;
    expect(set.tookMs).to.be.within(20, 140);
    expect(set.answer!.expiresAt! - EPOCH_MS).to.be.within(
      stage.world.clock.now + 59 * MINUTE,
      stage.world.clock.now + HOUR,
    );
    expect(task.protectedUntil).to.equal(set.answer!.expiresAt! - EPOCH_MS);
    expect((await asked(() => agent.get()))!.answer).to.deep.equal(set.answer);
    expect((await asked(() => agent.set(false)))!.answer).to.deep.equal({ enabled: false });
    expect([task.protectedUntil, task.ownProtectionUntil]).to.deep.equal([undefined, undefined]);
  });

  it("protects for two hours unless told otherwise, and refuses less than a minute and more than two days", async () => {
    const { stage, task, agent, asked } = await container();
    for (const minutes of [0, 2881, 1.5])
      expect((await asked(() => agent.set(true, minutes)))!.error).to.equal("InvalidParameterException");
    await asked(() => agent.set(true));
    expect(task.protectedUntil! - stage.world.clock.now).to.be.within(119 * MINUTE, 120 * MINUTE);
  });

  it("tells what somebody else has made of the protection since", async () => {
    const { stage, task, agent, asked } = await container();
    await asked(() => agent.set(true, 60));
    const until = stage.world.clock.now + 5 * MINUTE;
    stage.cluster.protect(task, until);
    expect((await asked(() => agent.get()))!.answer).to.deep.equal({ enabled: true, expiresAt: EPOCH_MS + until });
    await later(stage.world, 6 * MINUTE);
    expect((await asked(() => agent.get()))!.answer).to.deep.equal({ enabled: false });
  });

  it("needs a task role that allows it on this task", async () => {
    const allowed: Statement = { Effect: "Allow", Action: "ecs:*TaskProtection", Resource: "*" };
    const ofOther = { ...allowed, Condition: { ArnEquals: { "ecs:cluster": "other" } } };
    for (const [role, error] of [
      [undefined, "AccessDeniedException"],
      [[], "AccessDeniedException"],
      [[ofOther], "AccessDeniedException"],
      [[allowed], undefined],
    ] as const) {
      const { agent, asked } = await container(withRole(role));
      expect((await asked(() => agent.set(true, 60)))!.error).to.equal(error);
    }
  });

  it("gives up after four seconds where ECS doesn't answer, and passes throttling on", async () => {
    const { stage, task, agent, asked } = await container();
    stage.world.setFaults({ ...noFaults, call: () => "failed" });
    expect(await asked(() => agent.set(true, 60))).to.deep.include({ error: "RequestCanceled", tookMs: 4 * SECOND });
    stage.world.setFaults({ ...noFaults, call: () => "throttled" });
    expect((await asked(() => agent.set(true, 60)))!.error).to.equal("ThrottlingException");
    expect(task.protectedUntil).to.equal(undefined);
  });

  it("shares its bucket with every other container and function", async () => {
    const { stage, agent } = await container();
    const errors: string[] = [];
    for (let call = 0; call < 230; call++) agent.get().catch(({ code }: AgentError) => errors.push(code));
    await later(stage.world, SECOND);
    expect(errors.length).to.be.within(15, 30);
    expect(new Set(errors)).to.deep.equal(new Set(["ThrottlingException"]));
  });

  it("refuses while a deployment waits and more would be protected than the service wants", async () => {
    const { stage, agent, asked } = await container();
    const old = tasksOf(stage.service);
    for (const task of old) stage.cluster.protect(task, stage.world.clock.now + HOUR);
    expect((await asked(() => agent.set(true, 60)))!.error).to.equal(undefined);
    stage.cluster.deploy(stage.service);
    await later(stage.world, 2 * MINUTE);
    const fresh = tasksOf(stage.service).find((task) => !old.includes(task))!;
    const its = new AgentProtection(stage.cluster, fresh, stage.world.context);
    expect((await asked(() => its.set(true, 60)))!.error).to.equal("DEPLOYMENT_BLOCKED");
    // Its own protection may be renewed: that makes it no more.
    expect((await asked(() => agent.set(true, 60)))!.error).to.equal(undefined);
    expect((await asked(() => its.set(false)))!.error).to.equal(undefined);
    stage.cluster.protect(old[1]!, undefined);
    await later(stage.world, SECOND / 10);
    expect((await asked(() => its.set(true, 60)))!.error).to.equal(undefined);
  });

  it("never answers a container that is no more", async () => {
    const { stage, task, agent, asked } = await container({ targetGroup: null });
    stage.cluster.life.stop(task, "api", "UserInitiated", "test");
    await later(stage.world, MINUTE);
    expect(await asked(() => agent.get())).to.equal(undefined);
  });
});

describe("task scale-in protection", () => {
  it("makes a lowered desired count wait where all that is too much is protected, and lets ECS take it when it ends", async () => {
    const { stage, task } = await container();
    for (const each of tasksOf(stage.service)) stage.cluster.protect(each, stage.world.clock.now + 30 * MINUTE);
    stage.cluster.protect(task, stage.world.clock.now + 20 * MINUTE);
    stage.cluster.setDesiredCount(stage.service, 1);
    await later(stage.world, 19 * MINUTE);
    expect(tasksOf(stage.service, "RUNNING")).to.have.length(2);
    await later(stage.world, 3 * MINUTE);
    expect(tasksOf(stage.service)).to.not.include(task);
    await later(stage.world, HOUR);
    expect(tasksOf(stage.service, "RUNNING")).to.have.length(1);
  });

  it("doesn't hold against StopTask", async () => {
    const { stage, task } = await container();
    stage.cluster.protect(task, stage.world.clock.now + HOUR);
    stage.cluster.life.stop(task, "api", "UserInitiated", "test");
    await later(stage.world, MINUTE);
    expect(task.lastStatus).to.equal("STOPPED");
  });
});
