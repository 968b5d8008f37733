import { expect } from "chai";
import { connectTo } from "../../../rehearsal/api/dispatch";
import { noFaults } from "../../../rehearsal/world/faults";
import type { Statement } from "../../../rehearsal/world/iam";
import type { ExecutionEnvironment, FunctionSpec } from "../../../rehearsal/world/lambda/function";
import { arn, later, makeStage, MINUTE, SECOND, tasksOf, type Stage } from "../world/support";
import { caller, EVERYTHING } from "./caller";

const CLUSTER = { cluster: "cluster" };
const MARK = { key: "spotproof:retiring", value: "2026-01-01T00:00:00.000Z" };

interface Described {
  readonly tasks: readonly { readonly tags?: readonly { readonly key: string; readonly value: string }[] }[];
}

async function tagged(stage: Stage, include: readonly string[] = ["TAGS"]) {
  const tasks = tasksOf(stage.service).map((task) => task.arn);
  const { output } = await caller(stage)("ecs", "DescribeTasks", { ...CLUSTER, tasks, include });
  return (output as unknown as Described).tasks.map(({ tags }) => tags);
}

describe("API: ECS task tags", () => {
  it("are set, changed and taken off, and told where they are asked for", async () => {
    const stage = await makeStage({ service: { taskTags: { team: "web" } } });
    const call = caller(stage);
    const resourceArn = tasksOf(stage.service)[0]!.arn;
    await call("ecs", "TagResource", { resourceArn, tags: [MARK] });
    expect(await tagged(stage)).to.deep.equal([[{ key: "team", value: "web" }, MARK], [{ key: "team", value: "web" }]]);
    expect(await tagged(stage, [])).to.deep.equal([undefined, undefined]);
    await call("ecs", "TagResource", { resourceArn, tags: [{ ...MARK, value: "later" }] });
    await call("ecs", "UntagResource", { resourceArn, tagKeys: ["team", "nobody"] });
    expect((await tagged(stage))[0]).to.deep.equal([{ ...MARK, value: "later" }]);
  });

  it("answer stale like the rest of a task", async () => {
    const stage = await makeStage();
    stage.world.setFaults({ ...noFaults, staleness: () => 2 * SECOND });
    stage.cluster.tag(tasksOf(stage.service)[0]!, { [MARK.key]: MARK.value });
    expect((await tagged(stage))[0]).to.deep.equal([]);
    await later(stage.world, 3 * SECOND);
    expect((await tagged(stage))[0]).to.deep.equal([MARK]);
  });

  it("are refused for a stopped task, an unknown one, AWS's own keys and too many of them", async () => {
    const stage = await makeStage({ targetGroup: null });
    const call = caller(stage);
    const [task] = tasksOf(stage.service);
    const tag = async (resourceArn: string, tags: readonly object[]) =>
      (await call("ecs", "TagResource", { resourceArn, tags })).error?.message;
    expect(await tag(task!.arn, [{ key: "aws:own", value: "" }])).to.match(/begins with aws:/);
    const many = Array.from({ length: 51 }, (_, index) => ({ key: `tag-${index}`, value: "" }));
    expect(await tag(task!.arn, many)).to.match(/51 tags on a task: at most 50/);
    expect(await tag(`${task!.arn}0`, [MARK])).to.match(/not found/);
    expect(await tag(stage.service.spec.arn, [MARK])).to.match(/those of tasks and container instances are/);
    stage.cluster.life.stop(task!, "api", "UserInitiated", "test");
    await later(stage.world, MINUTE);
    expect(await tag(task!.arn, [MARK])).to.match(/is stopped/);
  });

  it("are allowed by a role that names the tasks' ARNs; no condition on the cluster applies to them", async () => {
    const stage = await makeStage();
    const resourceArn = tasksOf(stage.service)[0]!.arn;
    const tag = async (statement: Statement) =>
      (await caller(stage, [statement])("ecs", "TagResource", { resourceArn, tags: [MARK] })).error?.name;
    const allow = { Effect: "Allow", Action: "ecs:TagResource" } as const;
    expect(await tag({ ...allow, Resource: arn("ecs", "task/cluster/*") })).to.equal(undefined);
    expect(await tag({ ...allow, Resource: arn("ecs", "task/other/*") })).to.equal("AccessDeniedException");
    const inCluster = { ArnEquals: { "ecs:cluster": stage.cluster.spec.arn } };
    expect(await tag({ ...allow, Resource: "*", Condition: inCluster })).to.equal("AccessDeniedException");
    const onlyMarks = { StringEquals: { "aws:TagKeys": MARK.key } };
    expect(await tag({ ...allow, Resource: "*", Condition: onlyMarks })).to.equal(undefined);
  });

  it("have a bucket of their own: 20 calls at once, 10 a second", async () => {
    const stage = await makeStage();
    const resourceArn = tasksOf(stage.service)[0]!.arn;
    const connected = connectTo(stage.world)(
      { name: "fn", statements: EVERYTHING } as unknown as FunctionSpec,
      { alive: true } as ExecutionEnvironment,
    );
    let throttled = 0;
    for (let count = 0; count < 30; count++) {
      connected("ecs", "TagResource", { resourceArn, tags: [MARK] }).catch(() => throttled++);
    }
    await later(stage.world, SECOND);
    expect(throttled).to.be.within(9, 10);
  });
});

interface Deployments {
  readonly services: readonly [
    {
      readonly taskDefinition: string;
      readonly deployments: readonly Readonly<Record<string, unknown>>[];
      readonly events: readonly { readonly message: string }[];
    },
  ];
}

describe("API: ECS services", () => {
  const described = async (stage: Stage) => {
    const { output } = await caller(stage)("ecs", "DescribeServices", { ...CLUSTER, services: ["web"] });
    return (output as unknown as Deployments).services[0];
  };

  it("tell of their deployments, the primary one first, and of what happened", async () => {
    const stage = await makeStage();
    expect((await described(stage)).deployments).to.have.length(1);
    stage.cluster.deploy(stage.service);
    await later(stage.world, 10 * SECOND);
    const { deployments, taskDefinition } = await described(stage);
    expect(deployments[0]).to.include({
      status: "PRIMARY",
      rolloutState: "IN_PROGRESS",
      desiredCount: 2,
      pendingCount: 2,
    });
    expect(deployments[1]).to.include({
      status: "ACTIVE",
      rolloutState: "COMPLETED",
      desiredCount: 2,
      runningCount: 2,
    });
    expect([taskDefinition, deployments[0]!.taskDefinition]).to.deep.equal(
      Array(2).fill(arn("ecs", "task-definition/web:2")),
    );
    await later(stage.world, 3 * MINUTE);
    const after = await described(stage);
    expect(after.deployments.map(({ rolloutState, runningCount }) => [rolloutState, runningCount])).to.deep.equal([
      ["COMPLETED", 2],
    ]);
    expect(after.events[0]!.message).to.match(
      /^\(service web\) \(deployment ecs-svc\/\d+\) ECS deployment .* completed\.$/,
    );
  });

  it("know which function set their desired count", async () => {
    const stage = await makeStage();
    const changes: object[] = [];
    stage.cluster.desiredCountChanged.subscribe(({ from, to, by }) => changes.push({ from, to, by }));
    await caller(stage)("ecs", "UpdateService", { ...CLUSTER, service: "web", desiredCount: 1 });
    await caller(stage)("ecs", "UpdateService", { ...CLUSTER, service: "web", desiredCount: 1 });
    expect(changes).to.deep.equal([{ from: 2, to: 1, by: "fn" }]);
  });

  it("refuse protection of more tasks than they want while a deployment waits", async () => {
    const stage = await makeStage();
    const call = caller(stage);
    const old = tasksOf(stage.service).map((task) => task.arn);
    const protect = async (tasks: readonly string[]) =>
      (await call("ecs", "UpdateTaskProtection", { ...CLUSTER, tasks, protectionEnabled: true })).output;
    expect(await protect(old)).to.deep.include({ failures: [] });
    stage.cluster.deploy(stage.service);
    await later(stage.world, 2 * MINUTE);
    const [fresh] = tasksOf(stage.service).filter((task) => !old.includes(task.arn));
    const { failures } = (await protect([fresh!.arn])) as { failures: { arn: string; reason: string }[] };
    expect(failures.map(({ arn: of, reason }) => [of, reason])).to.deep.equal([[fresh!.arn, "DEPLOYMENT_BLOCKED"]]);
  });
});

describe("API: a call that is intercepted", () => {
  it("never reaches the world, and is answered by the test", async () => {
    const stage = await makeStage();
    const seen: object[] = [];
    stage.world.intercept = (call) => {
      seen.push(call);
      return call.command === "UpdateService" ? {} : undefined;
    };
    const input = { ...CLUSTER, service: "web", desiredCount: 1 };
    expect((await caller(stage, EVERYTHING)("ecs", "UpdateService", input)).output).to.deep.equal({});
    expect(stage.service.desiredCount).to.equal(2);
    expect((await caller(stage)("ecs", "ListTasks", CLUSTER)).output!.taskArns).to.have.length(2);
    expect(seen[0]).to.deep.include({ service: "ecs", command: "UpdateService", input, functionName: "fn" });
  });
});
