import { expect } from "chai";
import { act, type Failure } from "../../../functions/drain/act";
import type { Action } from "../../../functions/drain/plan";
import { arnOf, awsError, FakeAws, idOf, NOW, SETTINGS, targetGroupArn } from "./fakeAws";

const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => idOf(n));
const drain = (instanceId: string): Action => ({
  kind: "drain",
  instanceId,
  containerInstanceArn: arnOf(instanceId),
  reason: "",
});
const detach = (instanceId: string): Action => ({ kind: "detach", instanceId, reason: "" });
const stop = (instanceId: string, taskArn: string): Action => ({
  kind: "stop",
  instanceId,
  taskArn,
  atDeadline: false,
  reason: "its target is drained",
});
const deregister = (instanceId: string, port: number, group = "web"): Action => ({
  kind: "deregister",
  instanceId,
  port,
  targetGroupArn: targetGroupArn(group),
  reason: "",
});

function run(aws: FakeAws, actions: readonly Action[], { ends = new Map<string, number>() } = {}): Promise<Failure[]> {
  return act(actions, { ports: aws.ports(), settings: SETTINGS, deadline: NOW + 20_000, ends });
}

describe("acting on a drain plan", () => {
  let aws: FakeAws;
  beforeEach(() => {
    aws = new FakeAws();
    for (const id of ids(45)) aws.join(id);
  });

  it("drains in batches of 10 and detaches in batches of 20, without lowering desired capacity", async () => {
    expect(await run(aws, [...ids(45).map(drain), ...ids(45).map(detach)])).to.be.empty;
    const drained = aws.called("updateContainerInstancesState");
    expect(drained.map((input) => (input.containerInstances as string[]).length)).to.deep.equal([10, 10, 10, 10, 5]);
    for (const input of drained) expect(input).to.include({ cluster: SETTINGS.clusterArn, status: "DRAINING" });
    const detached = aws.called("detachInstances");
    expect(detached.map((input) => (input.InstanceIds as string[]).length)).to.deep.equal([20, 20, 5]);
    const group = { AutoScalingGroupName: "shop-group", ShouldDecrementDesiredCapacity: false };
    for (const input of detached) expect(input).to.include(group);
  });

  it("deregisters all targets of a group in one call, each with its port", async () => {
    await run(aws, [deregister(idOf(0), 80), deregister(idOf(1), 81), deregister(idOf(0), 90, "api")]);
    expect(aws.called("deregisterTargets")).to.deep.equal([
      {
        TargetGroupArn: targetGroupArn("web"),
        Targets: [
          { Id: idOf(0), Port: 80 },
          { Id: idOf(1), Port: 81 },
        ],
      },
      { TargetGroupArn: targetGroupArn("api"), Targets: [{ Id: idOf(0), Port: 90 }] },
    ]);
  });

  it("stops a task with the reason, and sends a check as a delayed message", async () => {
    const instanceId = idOf(0);
    aws.run(instanceId, undefined, 80);
    const taskArn = aws.instances.get(instanceId)!.tasks[0]!.arn;
    const checkAgain: Action = { kind: "checkAgain", instanceId, deadline: NOW + 1, delaySeconds: 4, reason: "" };
    await run(aws, [stop(instanceId, taskArn), checkAgain]);
    const reason = `Spot interruption of ${instanceId}: its target is drained`;
    expect(aws.called("stopTask")).to.deep.equal([{ cluster: SETTINGS.clusterArn, task: taskArn, reason }]);
    expect(aws.checks).to.deep.equal([
      { delaySeconds: 4, body: JSON.stringify({ kind: "check", instanceId, deadline: NOW + 1 }) },
    ]);
  });

  it("does nothing for a target that is kept", async () => {
    await run(aws, [{ ...deregister(idOf(0), 80), kind: "keep" } as Action]);
    expect(aws.calls).to.be.empty;
  });

  it("changes nothing when it acts twice", async () => {
    aws.balanced("web");
    aws.run(idOf(0), "web", 80);
    const actions = [
      drain(idOf(0)),
      detach(idOf(0)),
      deregister(idOf(0), 80),
      stop(idOf(0), aws.instances.get(idOf(0))!.tasks[0]!.arn),
    ];
    const state = (): string => JSON.stringify([[...aws.instances], [...aws.group], aws.targets]);
    expect(await run(aws, actions)).to.be.empty;
    const once = state();
    expect(await run(aws, actions)).to.be.empty;
    expect(state()).to.equal(once);
  });

  it("detaches the rest of a batch that is refused for an instance that left or is Pending", async () => {
    aws.group.delete(idOf(3));
    aws.group.set(idOf(4), "Pending");
    expect(await run(aws, ids(20).map(detach))).to.be.empty;
    expect([...aws.group].filter(([id]) => ids(20).includes(id))).to.deep.equal([[idOf(4), "Pending"]]);
  });

  const alreadySo: [what: string, action: Action, error: Error][] = [
    [
      "an instance outside the group",
      detach(idOf(0)),
      awsError("ValidationError", "The instance i-1 is not part of Auto Scaling group shop-group."),
    ],
    [
      "an instance that isn't InService",
      detach(idOf(0)),
      awsError("ValidationError", "The instance i-1 is not in InService or Standby."),
    ],
    [
      "a task that is gone",
      stop(idOf(0), "t"),
      awsError("InvalidParameterException", "The referenced task was not found."),
    ],
    ["a target group that is gone", deregister(idOf(0), 80), awsError("TargetGroupNotFoundException")],
    ["a target that is gone", deregister(idOf(0), 80), awsError("InvalidTargetException")],
    [
      "an instance that is gone",
      { kind: "terminate", instanceId: idOf(0), reason: "" },
      awsError("InvalidInstanceID.NotFound"),
    ],
    [
      "a container instance that is DRAINING",
      drain(idOf(0)),
      awsError("InvalidParameterException", "The instance is DRAINING"),
    ],
  ];
  for (const [what, action, error] of alreadySo) {
    it(`takes ${what} for success of ${action.kind}`, async () => {
      aws.fails = () => error;
      expect(await run(aws, [action])).to.be.empty;
      expect(aws.calls).to.have.lengthOf(1);
    });
  }

  for (const reason of ["MISSING", "INACTIVE", "Instance is DRAINING"]) {
    it(`takes a container instance that ECS reports as ${reason} for drained`, async () => {
      const ports = aws.ports();
      ports.ecs.updateContainerInstancesState = () =>
        Promise.resolve({ failures: [{ arn: arnOf(idOf(0)), reason }], $metadata: {} });
      expect(await act([drain(idOf(0))], { ports, settings: SETTINGS, deadline: NOW, ends: new Map() })).to.be.empty;
    });
  }

  it("reports the container instances alone that ECS didn't drain", async () => {
    const ports = aws.ports();
    ports.ecs.updateContainerInstancesState = ({ containerInstances }: { containerInstances?: string[] }) => {
      const failures = (containerInstances ?? [])
        .filter((arn) => arn === arnOf(idOf(1)))
        .map((arn) => ({ arn, reason: "REGISTERING" }));
      return Promise.resolve({ failures, $metadata: {} });
    };
    const failures = await act(ids(10).map(drain), { ports, settings: SETTINGS, deadline: NOW, ends: new Map() });
    expect(failures.flatMap((failure) => failure.actions.map((action) => action.instanceId))).to.deep.equal([idOf(1)]);
    expect(String(failures[0]!.error)).to.contain("REGISTERING");
  });

  it("doesn't let one action's failure hold up another", async () => {
    aws.fails = (command) => (command === "detachInstances" ? awsError("AccessDenied") : undefined);
    aws.balanced("web");
    aws.run(idOf(0), "web", 80);
    const failures = await run(aws, [detach(idOf(0)), drain(idOf(0)), deregister(idOf(0), 80)]);
    expect(failures.map((failure) => failure.actions)).to.deep.equal([[detach(idOf(0))]]);
    expect(aws.instances.get(idOf(0))!.status).to.equal("DRAINING");
    expect(aws.targets[0]!.health).to.equal("draining");
  });

  for (const [what, error] of [
    ["ThrottlingException", awsError("ThrottlingException")],
    ["Throttling", awsError("Throttling")],
    ["ResourceContentionFault", awsError("ResourceContentionFault")],
    ["a server's error", awsError("Whatever", "", { $metadata: { httpStatusCode: 503 } })],
    ["a connection that was reset", awsError("Error", "socket hang up", { code: "ECONNRESET" })],
  ] as const) {
    it(`tries again after ${what}`, async () => {
      let times = 3;
      aws.fails = () => (times-- > 0 ? error : undefined);
      expect(await run(aws, [drain(idOf(0))])).to.be.empty;
      expect(aws.waits).to.deep.equal([50, 100, 200]);
    });
  }

  it("doesn't try again what is refused for good", async () => {
    aws.fails = () => awsError("AccessDeniedException");
    expect(await run(aws, [drain(idOf(0))])).to.have.lengthOf(1);
    expect(aws.calls).to.have.lengthOf(1);
  });

  it("tries again no later than the invocation lasts", async () => {
    aws.fails = () => awsError("ThrottlingException");
    const failures = await run(aws, [drain(idOf(0))], { ends: new Map([[idOf(0), NOW + 60_000]]) });
    expect(failures.map((failure) => String(failure.error))).to.deep.equal([
      "ThrottlingException: ThrottlingException",
    ]);
    expect(aws.now).to.be.within(NOW + 18_000, NOW + 20_000);
  });

  it("tries again no later than the instance lasts", async () => {
    aws.fails = () => awsError("ThrottlingException");
    await run(aws, [drain(idOf(0))], { ends: new Map([[idOf(0), NOW + 1000]]) });
    expect(aws.now).to.be.at.most(NOW + 1000);
    await run(aws, [stop(idOf(0), "t")], { ends: new Map([[idOf(0), NOW]]) });
    expect(aws.called("stopTask")).to.have.lengthOf(1);
  });
});
