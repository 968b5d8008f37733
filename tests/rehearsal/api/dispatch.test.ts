import { expect } from "chai";
import type { Ec2 } from "../../../rehearsal/world/ec2/ec2";
import { connectTo, modelledCommands } from "../../../rehearsal/api/dispatch";
import { noFaults } from "../../../rehearsal/world/faults";
import type { ExecutionEnvironment, FunctionSpec } from "../../../rehearsal/world/lambda/function";
import { arn, GROUP, HOUR, later, makeQueue, makeStage, MINUTE, SECOND, tasksOf, type Stage } from "../world/support";
import { caller, EVERYTHING, errorOf, type Call } from "./caller";

const CLUSTER = { cluster: "cluster" };

const describeTasks = async (call: Call, { service }: Stage) => {
  const { output } = await call("ecs", "DescribeTasks", {
    ...CLUSTER,
    tasks: tasksOf(service).map((task) => task.arn),
  });
  return output!.tasks as { taskArn: string; desiredStatus: string; containerInstanceArn: string }[];
};

describe("API: the way of a call", () => {
  it("answers after a round trip of simulated time", async () => {
    const stage = await makeStage();
    const from = stage.world.clock.now;
    await caller(stage)("ecs", "ListTasks", CLUSTER);
    expect(stage.world.clock.now - from).to.be.within(20, 140);
  });

  it("refuses what the role doesn't allow, and says what", async () => {
    const stage = await makeStage();
    const [task] = tasksOf(stage.service);
    const ofOther = { Condition: { ArnEquals: { "ecs:cluster": arn("ecs", "cluster/other") } } };
    const call = caller(stage, [{ ...EVERYTHING[0]!, ...ofOther }]);
    const { error } = await call("ecs", "StopTask", { ...CLUSTER, task: task!.arn });
    expect([error?.name, error?.message]).to.deep.equal([
      "AccessDeniedException",
      `is not authorized to perform: ecs:StopTask on resource: ${task!.arn}`,
    ]);
    expect(task!.desiredStatus).to.equal("RUNNING");
  });

  it("refuses a call without a required member", async () => {
    const stage = await makeStage();
    expect(await errorOf(caller(stage)("ecs", "StopTask", CLUSTER))).to.equal("ValidationException");
  });

  const overLimit: readonly (readonly [service: string, command: string, input: object])[] = [
    ["ecs", "UpdateContainerInstancesState", { ...CLUSTER, status: "DRAINING", containerInstances: list(11) }],
    ["ecs", "DescribeContainerInstances", { ...CLUSTER, containerInstances: list(101) }],
    ["ecs", "DescribeTasks", { ...CLUSTER, tasks: list(101) }],
    ["ecs", "DescribeServices", { ...CLUSTER, services: list(11) }],
    ["ecs", "UpdateTaskProtection", { ...CLUSTER, protectionEnabled: true, tasks: list(11) }],
    ["ecs", "ListTasks", { ...CLUSTER, maxResults: 101 }],
    ["auto-scaling", "DescribeAutoScalingInstances", { InstanceIds: list(51) }],
    [
      "auto-scaling",
      "DetachInstances",
      { AutoScalingGroupName: "group", ShouldDecrementDesiredCapacity: false, InstanceIds: list(21) },
    ],
    [
      "auto-scaling",
      "SetInstanceProtection",
      { AutoScalingGroupName: "group", ProtectedFromScaleIn: true, InstanceIds: list(51) },
    ],
    [
      "sqs",
      "SendMessage",
      { QueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/queue", MessageBody: "", DelaySeconds: 901 },
    ],
  ];
  for (const [service, command, input] of overLimit) {
    it(`refuses ${command} over its limit`, async () => {
      const stage = await makeStage();
      makeQueue(stage.world);
      expect(await errorOf(caller(stage)(service, command, input))).to.equal("InvalidParameterException");
    });
  }

  it("stops with the names of what is modelled where a function calls anything else", async () => {
    const stage = await makeStage();
    const dispatch = connectTo(stage.world)({ name: "fn" } as FunctionSpec, { alive: true } as ExecutionEnvironment);
    void dispatch("ecs", "CreateCluster", {});
    const stopped = await later(stage.world, SECOND).catch((error: Error) => error.message);
    expect(stopped).to.match(/calls ecs\.CreateCluster, which the rehearsal doesn't model; modelled: .*ecs\.StopTask/);
    expect(modelledCommands()).to.include("sqs.SendMessage");
  });

  it("throttles when a bucket is empty, which fills again at its rate", async () => {
    const stage = await makeStage();
    const dispatch = connectTo(stage.world)(
      { name: "fn", statements: EVERYTHING } as unknown as FunctionSpec,
      { alive: true } as ExecutionEnvironment,
    );
    const burst = async (): Promise<number> => {
      let throttled = 0;
      for (let count = 0; count < 150; count++) {
        dispatch("ecs", "ListTasks", CLUSTER).catch((error: Error) => {
          if (error.name === "ThrottlingException") throttled++;
        });
      }
      await later(stage.world, SECOND);
      return throttled;
    };
    expect(await burst()).to.be.within(48, 50);
    await later(stage.world, MINUTE);
    expect(await burst()).to.be.within(48, 50);
  });

  it("throttles and fails as the faults say", async () => {
    const stage = await makeStage();
    for (const [fault, name, status] of [
      ["throttled", "ThrottlingException", 400],
      ["failed", "ServerException", 500],
    ] as const) {
      stage.world.setFaults({ ...noFaults, call: () => fault });
      const { error } = await caller(stage)("ecs", "ListTasks", CLUSTER);
      expect(error).to.deep.include({ name, $metadata: { httpStatusCode: status } });
    }
  });

  it("gives no answer to an environment that is no more", async () => {
    const stage = await makeStage();
    const environment = { alive: true } as ExecutionEnvironment;
    const spec = { name: "fn", statements: EVERYTHING } as unknown as FunctionSpec;
    let answered = false;
    void connectTo(stage.world)(spec, environment)("ecs", "ListTasks", CLUSTER).then(() => (answered = true));
    environment.alive = false;
    await later(stage.world, SECOND);
    expect(answered).to.equal(false);
  });
});

function list(length: number): string[] {
  return Array.from({ length }, (_, index) => `i-${index}`);
}

describe("API: answers", () => {
  it("lists in pages with a token", async () => {
    const stage = await makeStage({ group: { desiredCapacity: 4 }, service: { desiredCount: 5 } });
    const call = caller(stage);
    const arns: string[] = [];
    let nextToken: unknown;
    do {
      const { output } = await call("ecs", "ListTasks", { ...CLUSTER, maxResults: 2, nextToken });
      expect(output!.taskArns).to.have.length.at.most(2);
      arns.push(...(output!.taskArns as string[]));
      nextToken = output!.nextToken;
    } while (nextToken !== undefined);
    expect(arns).to.have.members(tasksOf(stage.service).map((task) => task.arn));
  });

  it("finds a container instance by its EC2 instance, and refuses other filters by name", async () => {
    const stage = await makeStage();
    const [instance] = stage.cluster.instances.values();
    const filtered = (filter: string) => caller(stage)("ecs", "ListContainerInstances", { ...CLUSTER, filter });
    expect((await filtered(`ec2InstanceId == ${instance!.ec2.id}`)).output!.containerInstanceArns).to.deep.equal([
      instance!.arn,
    ]);
    expect((await filtered("agentVersion > 1")).error?.message).to.match(/Filter 'agentVersion > 1' is not modelled/);
  });

  it("tells of tasks with their instance and ports, and of stopped ones for an hour", async () => {
    const stage = await makeStage();
    const call = caller(stage);
    const [task] = tasksOf(stage.service);
    await call("ecs", "StopTask", { ...CLUSTER, task: task!.arn, reason: "test" });
    await later(stage.world, MINUTE);
    const described = async () =>
      (await call("ecs", "DescribeTasks", { ...CLUSTER, tasks: [task!.arn] })).output as {
        tasks: { lastStatus: string; stoppedReason: string }[];
        failures: { reason: string }[];
      };
    expect((await described()).tasks[0]).to.include({ lastStatus: "STOPPED", stoppedReason: "test" });
    const { output } = await call("ecs", "ListTasks", { ...CLUSTER, desiredStatus: "STOPPED" });
    expect(output!.taskArns).to.deep.equal([task!.arn]);
    expect(await errorOf(call("ecs", "StopTask", { ...CLUSTER, task: task!.arn }))).to.equal(undefined);
    await later(stage.world, HOUR);
    expect((await described()).failures).to.deep.equal([{ arn: task!.arn, reason: "MISSING" }]);
  });

  it("answers reads as of a moment ago where they are stale", async () => {
    const stage = await makeStage();
    const call = caller(stage);
    const [instance] = stage.cluster.instances.values();
    const [task] = [...instance!.tasks];
    stage.world.setFaults({ ...noFaults, staleness: () => 2 * SECOND });
    stage.cluster.setStatus(instance!, "DRAINING", "test");
    stage.cluster.life.stop(task!, "scheduler", "", "test");
    const draining = () => call("ecs", "ListContainerInstances", { ...CLUSTER, status: "DRAINING" });
    expect((await draining()).output!.containerInstanceArns).to.deep.equal([]);
    expect((await describeTasks(call, stage)).every((each) => each.desiredStatus === "RUNNING")).to.equal(true);
    await later(stage.world, 3 * SECOND);
    expect((await draining()).output!.containerInstanceArns).to.deep.equal([instance!.arn]);
  });

  it("lets a terminated instance be terminated again for an hour, tags and all, and knows no other id", async () => {
    const stage = await makeStage();
    const tagged = { StringEquals: { "aws:ResourceTag/spotproof:cluster": "cluster" } };
    const call = caller(stage, [{ ...EVERYTHING[0]!, Condition: tagged }]);
    const [id] = stage.group.members.keys();
    const terminate = (InstanceIds: string[]) => errorOf(call("ec2", "TerminateInstances", { InstanceIds }));
    expect(await terminate([id!])).to.equal(undefined);
    await later(stage.world, MINUTE);
    expect(await terminate([id!])).to.equal(undefined);
    expect(await terminate(["i-00000000000000fff"])).to.equal("AccessDeniedException");
    expect(await errorOf(caller(stage)("ec2", "TerminateInstances", { InstanceIds: ["i-0f"] }))).to.equal(
      "InvalidInstanceID.NotFound",
    );
  });

  it("deregisters a target on a dynamic port only where the port is given", async () => {
    const stage = await makeStage();
    const call = caller(stage);
    const { instanceId, port } = [...stage.targetGroup.targets.values()][0]!;
    const TargetGroupArn = stage.targetGroup.spec.arn;
    const health = async () => {
      const Targets = [{ Id: instanceId, Port: port }];
      const { output } = await call("elastic-load-balancing-v2", "DescribeTargetHealth", { TargetGroupArn, Targets });
      return (output!.TargetHealthDescriptions as { TargetHealth: { State: string } }[])[0]!.TargetHealth.State;
    };
    await call("elastic-load-balancing-v2", "DeregisterTargets", { TargetGroupArn, Targets: [{ Id: instanceId }] });
    expect(await health()).to.equal("healthy");
    await call("elastic-load-balancing-v2", "DeregisterTargets", {
      TargetGroupArn,
      Targets: [{ Id: instanceId, Port: port }],
    });
    expect(await health()).to.equal("draining");
  });
});

describe("API: Auto Scaling", () => {
  it("detaches only what is InService, all or nothing, and not below the minimum", async () => {
    const stage = await makeStage({ group: { minSize: 2 } });
    const call = caller(stage);
    const detach = (InstanceIds: string[], ShouldDecrementDesiredCapacity = false) =>
      call("auto-scaling", "DetachInstances", {
        AutoScalingGroupName: "group",
        InstanceIds,
        ShouldDecrementDesiredCapacity,
      });
    const [first] = [...stage.group.members.keys()];
    expect((await detach([first!, "i-0f"])).error?.message).to.match(/i-0f is not part of/);
    expect((await detach([first!], true)).error?.message).to.match(/minimum size/);
    expect(stage.group.members.has(first!)).to.equal(true);
    expect((await detach([first!])).error).to.equal(undefined);
    await later(stage.world, 5 * SECOND);
    const pending = [...stage.group.members.values()].find((member) => member.lifecycleState === "Pending")!;
    expect((await detach([pending.instance.id])).error?.message).to.match(/not in InService/);
  });

  it("protects instances, sets desired capacity within its bounds, and ends a protected instance when told to", async () => {
    const stage = await makeStage();
    const call = caller(stage);
    const [id] = stage.group.members.keys();
    await call("auto-scaling", "SetInstanceProtection", {
      AutoScalingGroupName: "group",
      InstanceIds: [id],
      ProtectedFromScaleIn: true,
    });
    expect(stage.group.members.get(id!)!.protectedFromScaleIn).to.equal(true);
    const desired = (DesiredCapacity: number) =>
      errorOf(call("auto-scaling", "SetDesiredCapacity", { AutoScalingGroupName: "group", DesiredCapacity }));
    expect([await desired(GROUP.maxSize + 1), await desired(3)]).to.deep.equal(["ValidationError", undefined]);
    await call("auto-scaling", "TerminateInstanceInAutoScalingGroup", {
      InstanceId: id,
      ShouldDecrementDesiredCapacity: true,
    });
    await later(stage.world, MINUTE);
    expect([stage.group.desiredCapacity, stage.group.members.has(id!)]).to.deep.equal([2, false]);
  });

  it("completes a lifecycle action by instance or by the token of its event", async () => {
    const terminationHooks = [{ name: "hook", heartbeatMs: HOUR, defaultResult: "ABANDON" as const }];
    const stage = await makeStage({ group: { terminationHooks } });
    const tokens: string[] = [];
    stage.world.bus.addRule({
      name: "hooks",
      arn: "hooks",
      pattern: { "detail-type": ["EC2 Instance-terminate Lifecycle Action"] },
      rateMs: undefined,
      deliver: [
        (text) =>
          tokens.push((JSON.parse(text) as { detail: { LifecycleActionToken: string } }).detail.LifecycleActionToken),
      ],
    });
    const [first, second] = [...stage.group.members.values()];
    for (const member of [first!, second!]) {
      stage.group.terminateMember(member, "test");
      await later(stage.world, SECOND);
    }
    const complete = (by: object) =>
      errorOf(
        caller(stage)("auto-scaling", "CompleteLifecycleAction", {
          AutoScalingGroupName: "group",
          LifecycleHookName: "hook",
          LifecycleActionResult: "CONTINUE",
          ...by,
        }),
      );
    expect(await complete({ InstanceId: first!.instance.id })).to.equal(undefined);
    expect(await complete({ LifecycleActionToken: tokens[1] })).to.equal(undefined);
    expect(await complete({ LifecycleActionToken: tokens[1] })).to.equal("ValidationError");
    expect(await complete({})).to.equal("InvalidParameterException");
    await later(stage.world, MINUTE);
    const isGone = (ec2: Ec2, id: string): boolean => !ec2.living.has(id);
    expect([first!, second!].every(({ instance }) => isGone(stage.world.ec2, instance.id))).to.equal(true);
  });
});

describe("API: ECS services and protection", () => {
  it("protects tasks for the minutes given, and tells until when", async () => {
    const stage = await makeStage();
    const call = caller(stage);
    const [task] = tasksOf(stage.service);
    const input = { ...CLUSTER, tasks: [task!.arn, "gone"], protectionEnabled: true, expiresInMinutes: 10 };
    const { output } = await call("ecs", "UpdateTaskProtection", input);
    expect(output!.failures).to.have.length(1);
    expect(task!.protectedUntil).to.be.greaterThan(stage.world.clock.now + 9 * MINUTE);
    await later(stage.world, 11 * MINUTE);
    const read = await call("ecs", "GetTaskProtection", { ...CLUSTER, tasks: [task!.arn] });
    expect((read.output!.protectedTasks as object[])[0]).to.include({ protectionEnabled: false });
    const tooLong = call("ecs", "UpdateTaskProtection", { ...input, expiresInMinutes: 2881 });
    expect(await errorOf(tooLong)).to.equal("InvalidParameterException");
  });

  it("changes a service's desired count, and refuses updates that it doesn't model, by name", async () => {
    const stage = await makeStage();
    const call = caller(stage);
    await call("ecs", "UpdateService", { ...CLUSTER, service: "web", desiredCount: 3 });
    await later(stage.world, MINUTE);
    expect(tasksOf(stage.service)).to.have.length(3);
    const { error } = await call("ecs", "UpdateService", { ...CLUSTER, service: "web", taskDefinition: "web:2" });
    expect(error?.message).to.match(/taskDefinition not modelled: cluster, service, desiredCount/);
  });

  it("passes queue messages between functions: sent, received, hidden, deleted", async () => {
    const stage = await makeStage();
    const queue = makeQueue(stage.world);
    const call = caller(stage);
    const QueueUrl = queue.spec.url;
    await call("sqs", "SendMessage", { QueueUrl, MessageBody: "work" });
    const { output } = await call("sqs", "ReceiveMessage", { QueueUrl });
    const [{ Body, ReceiptHandle } = {}] = output!.Messages as { Body?: string; ReceiptHandle?: string }[];
    expect(Body).to.equal("work");
    await call("sqs", "ChangeMessageVisibility", { QueueUrl, ReceiptHandle, VisibilityTimeout: 600 });
    await later(stage.world, 5 * MINUTE);
    expect((await call("sqs", "ReceiveMessage", { QueueUrl })).output!.Messages).to.deep.equal([]);
    await call("sqs", "DeleteMessage", { QueueUrl, ReceiptHandle });
    expect(queue.messages.size).to.equal(0);
  });
});
