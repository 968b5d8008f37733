import { expect } from "chai";
import { JobLedger } from "../../../rehearsal/jobs/ledger";
import { LAWS, watchLaws } from "../../../rehearsal/laws";
import type { BrokenLaw } from "../../../rehearsal/measure/result";
import { ScalableTarget } from "../../../rehearsal/world/applicationAutoScaling/scalableTarget";
import { AgentProtection } from "../../../rehearsal/world/ecs/agentProtection";
import { Cluster } from "../../../rehearsal/world/ecs/cluster";
import type { ContainerInstance } from "../../../rehearsal/world/ecs/containerInstance";
import type { Task } from "../../../rehearsal/world/ecs/task";
import { LambdaFunction } from "../../../rehearsal/world/lambda/function";
import type { ReceivedMessage } from "../../../rehearsal/world/sqs/queue";
import type { World } from "../../../rehearsal/world/world";
import { HOUR, MINUTE, PLACE, SECOND, Stage, type StageOptions } from "../../support/stage";
import { makeQueue } from "../world/support";

const idle = { startMs: () => 0, exitAfterSigtermMs: () => 0, acceptsAfterSigterm: false };

interface Breach {
  readonly stage?: Partial<StageOptions>;
  /** Done before anybody watches. */
  readonly prepare?: (stage: Stage) => unknown;
  /** What nobody may do. */
  readonly commit: (stage: Stage, jobs: JobLedger) => void | Promise<void>;
  /** How long it takes to be told. @default 5 */
  readonly minutes?: number;
  /** What is told of it. */
  readonly message: RegExp;
}

const REFRESH_PREFERENCES = {
  minHealthyPercentage: 100,
  maxHealthyPercentage: 200,
  instanceWarmupMs: 0,
  scaleInProtectedInstances: "Refresh",
  skipMatching: false,
  autoRollback: false,
  checkpointPercentages: [],
  checkpointDelayMs: 0,
  alarms: [],
} as const;

const groupOf = (world: World) => [...world.groups.values()][0]!;

const notice = ({ world, instances }: Stage): void =>
  world.ec2.interrupt(instances[0]!, world.clock.now + 2 * MINUTE, false);

function functionOf(world: World, environment: Readonly<Record<string, string>>, text = ""): LambdaFunction {
  const spec = {
    name: "fn",
    arn: `arn:aws:lambda:${PLACE.region}:${PLACE.account}:function:fn`,
    text,
    environment,
    timeoutMs: 3000,
    memoryMiB: 128,
    reservedConcurrency: undefined,
    statements: [],
  };
  return new LambdaFunction(spec, world.context, () => () => Promise.resolve({}));
}

const hint = (cluster: Cluster, instance: ContainerInstance): void =>
  cluster.tagInstance(instance, { "spotproof:recommendation": "2026-01-01T00:00:00.000Z" });

/** A drain function that takes recommendations for hints, and does nothing. */
function takeHints({ world, cluster, group }: Stage, minutes = 10): void {
  const environment = {
    CLUSTER_ARN: cluster.spec.arn,
    AUTO_SCALING_GROUP_NAME: group.spec.name,
    RECOMMENDATIONS: "hint",
    RECOMMENDATION_MINUTES: String(minutes),
  };
  world.functions.push(functionOf(world, environment));
}

/** By the law's name. */
const BREACHES: Readonly<Record<string, Breach>> = {
  "no task is placed on an instance that is not ACTIVE": {
    commit: ({ cluster, tasks: [task] }) => {
      task!.instance!.status = "DRAINING";
      cluster.placed.publish(task!);
    },
    message: /was placed on it while DRAINING/,
  },
  "an instance refresh begins in its maintenance window, and none beside another": {
    prepare: ({ world }) => {
      const window = { days: [0], startMinute: 0, lengthMinutes: 15, timeZone: "UTC" };
      const environment = {
        AUTO_SCALING_GROUP_NAMES: JSON.stringify([...world.groups.keys()]),
        WINDOW: JSON.stringify(window),
      };
      world.functions.push(functionOf(world, environment));
    },
    commit: ({ world }) => void groupOf(world).refreshes.start(1, REFRESH_PREFERENCES, () => false),
    message: /began outside the window/,
  },
  "an instance refresh ends, or is cancelled at its limit": {
    prepare: ({ world }) => {
      const window = { days: [0, 1, 2, 3, 4, 5, 6], startMinute: 0, lengthMinutes: 1440, timeZone: "UTC" };
      const environment = {
        AUTO_SCALING_GROUP_NAMES: JSON.stringify([...world.groups.keys()]),
        WINDOW: JSON.stringify(window),
        MOST_MINUTES: "15",
        REFRESH: "auto",
      };
      world.functions.push(functionOf(world, environment));
    },
    commit: ({ world }) =>
      void groupOf(world).refreshes.start(1, { ...REFRESH_PREFERENCES, instanceWarmupMs: HOUR }, () => false),
    minutes: 35,
    message: /goes on after 15 min/,
  },
  "no function ends an instance on which a container still runs": {
    commit: ({ world, instances }) => world.ec2.terminate(instances[0]!.id, "TerminateInstances"),
    message: /was terminated while .* ran/,
  },
  "the scheduler sends no SIGTERM before deregistration has ended": {
    commit: ({ cluster, tasks: [task] }) =>
      cluster.life.signalled.publish({ task: task!, by: "scheduler", targetsDrained: false }),
    message: /SIGTERM while its target was registered/,
  },
  "every instance that was noticed is DRAINING before it ends": {
    commit: notice,
    message: /ended while it was ACTIVE/,
  },
  "no task of an instance that was noticed is registered or without SIGTERM when it ends": {
    commit: notice,
    message: /was still registered when i-|had no SIGTERM when i-/,
  },
  "running never stays below the minimum while there is capacity": {
    stage: { stack: { instances: 4 } },
    commit: ({ tasks }) => tasks.forEach((task) => (task.process = "exited")),
    message: /0 tasks run where 2 are promised/,
  },
  "desired counts never drift": {
    commit: ({ service }) => {
      service.desiredCount = 1;
    },
    message: /wants 1 tasks where 2 were declared/,
  },
  "no service is scaled in below its minimum": {
    prepare: (stage) => scale(stage),
    commit: ({ cluster, service }) => cluster.setDesiredCount(service, 1, "somebody"),
    message: /wants 1 tasks where its minimum is 2/,
  },
  "no scale-in, no move and no deployment stops a task that its own container has protected": {
    commit: async (stage) => {
      const { world, cluster, service, tasks } = stage;
      for (const task of tasks) void new AgentProtection(cluster, task, world.context).set(true, 60);
      await stage.run(SECOND);
      for (const task of tasks) cluster.protect(task, undefined);
      cluster.setDesiredCount(service, 1);
    },
    message: /was stopped \(scale-in\) while its container protected it/,
  },
  "whoever retires a task stops what gets no requests any more, and leaves ECS nothing to choose": {
    prepare: addScaleInFunction,
    commit: async (stage) => {
      const [task] = stage.tasks;
      for (const { targetGroup, port } of stage.service.targetsOf(task!))
        targetGroup.deregister(task!.instance!.ec2.id, port);
      await stage.run(5 * SECOND);
      retire(stage, [task!]);
    },
    message: /was stopped 5 s after its target was out: 20 s/,
  },
  "never do more On-Demand Instances stand in than may": {
    prepare: (stage) => addFallbackFunction(stage, 1),
    commit: buyOnDemand,
    message: /3 stand in where 1 may/,
  },
  "On-Demand Instances that stand in give way to Spot, one after the other, once it can be had": {
    prepare: (stage) => addFallbackFunction(stage, 5),
    commit: buyOnDemand,
    minutes: 120,
    message: /3 stand in after 105 quiet minutes/,
  },
  "no task stays marked as retiring without an end": {
    commit: ({ cluster, tasks: [task] }) => cluster.tag(task!, { "spotproof:retiring": "2026-01-01T00:00:00.000Z" }),
    minutes: 12,
    message: /has been marked as retiring since 2026-01-01/,
  },
  "no more instances than their budget are on their way out for recommendations": {
    prepare: (stage) => takeHints(stage),
    commit: ({ cluster, group }) => {
      for (const instance of [...cluster.instances.values()].slice(0, 2)) {
        hint(cluster, instance);
        group.detach(instance.ec2.id, false);
      }
    },
    message: /is the 2th of 3 on its way out: at most 1/,
  },
  "what was recommended to be replaced is gone in the end, or in its group and ACTIVE": {
    prepare: (stage) => takeHints(stage),
    commit: ({ world, cluster, group }) => {
      const [instance] = cluster.instances.values();
      hint(cluster, instance!);
      group.detach(instance!.ec2.id, false);
      world.clock.after(2 * MINUTE, () => cluster.tagInstance(instance!, {}));
    },
    minutes: 25,
    message: /serves outside its group without a hint/,
  },
  "what is raised to move tasks comes down again, and never below what it was": {
    prepare: addRebalanceFunction,
    commit: ({ cluster, service }) => {
      cluster.setDesiredCount(service, 3, "fn");
      cluster.setDesiredCount(service, 1, "fn");
    },
    message: /was set from 3 to 1 where it had been 2/,
  },
  "no task is moved twice in five minutes": {
    prepare: addRebalanceFunction,
    commit: async (stage) => {
      stage.cluster.setDesiredCount(stage.service, 3, "fn");
      await stage.run(2 * MINUTE);
      stage.cluster.setDesiredCount(stage.service, 4, "fn");
      const [, , task] = stage.service.tasks;
      stage.cluster.life.stop(task!, "api", "UserInitiated", "moved", undefined, "fn");
    },
    message: /was moved \d+(\.\d+)? s after it had begun to run/,
  },
  "no function undoes what another has just done": {
    commit: ({ world }) => {
      const call = { service: "ecs", command: "UpdateContainerInstancesState" };
      const input = { containerInstances: ["arn:instance"] };
      world.modified.publish({ ...call, functionName: "one", input: { ...input, status: "DRAINING" } });
      world.modified.publish({ ...call, functionName: "one", input: { ...input, status: "ACTIVE" } });
      world.modified.publish({ ...call, functionName: "other", input: { ...input, status: "DRAINING" } });
    },
    message: /other takes what one added 0 s before/,
  },
  "no function changes an instance of another cluster": {
    commit: (stage) => {
      const [instance] = stage.cluster.instances.values();
      stage.cluster.setStatus(instance!, "DRAINING", "api");
    },
    message: /of shop became DRAINING through the API/,
  },
  "every function starts": {
    prepare: ({ world }) => world.functions.push(functionOf(world, {}, "throw new Error('no environment');")),
    commit: ({ world }) => world.functions.at(-1)!.invoke({}, () => undefined),
    message: /no environment/,
  },
  "no job is lost: its message is there until it is done": {
    commit: (stage, jobs) => {
      const { queue } = sendJob(stage, jobs);
      const [{ receiptHandle }] = queue.receive(1) as [ReceivedMessage];
      queue.delete(receiptHandle);
    },
    message: /its message was deleted before it was done/,
  },
  "no job is begun again unless its worker died, it was given back or failed, or a call or SQS itself let it down": {
    commit: (stage, jobs) => {
      const { queue, messageId } = sendJob(stage, jobs);
      for (const worker of ["one", "another"]) {
        const [{ receiveCount }] = queue.receive(1, 0) as [ReceivedMessage];
        jobs.begin(jobs.of(messageId)!, worker, receiveCount);
      }
    },
    message: /was begun again: visibilityLapsed, after a beginning on one/,
  },
};

function addRebalanceFunction({ world, cluster }: Stage): void {
  world.functions.push(functionOf(world, { CLUSTER_ARN: cluster.spec.arn, MOST_APART_PERCENT: "35" }));
}

function sendJob({ world }: Stage, jobs: JobLedger) {
  const queue = makeQueue(world, { name: "jobs" });
  jobs.watch(queue);
  const messageId = queue.send("");
  jobs.submit({ messageId, queue: "jobs", workMs: SECOND });
  return { queue, messageId };
}

async function brokenBy({ stage: options, prepare, commit, minutes = 5 }: Breach): Promise<BrokenLaw[]> {
  const stage = await Stage.set(options);
  prepare?.(stage);
  const jobs = new JobLedger(stage.world.clock);
  const broken = watchLaws(stage.world, stage.world.clock.now, stage.promises, jobs);
  await stage.run(MINUTE);
  expect(broken).to.deep.equal([]);
  await commit(stage, jobs);
  await stage.run(minutes * MINUTE);
  return broken;
}

describe("a law", () => {
  for (const { name } of LAWS) {
    it(`is seen to be broken: ${name}`, async () => {
      const breach = BREACHES[name];
      if (breach === undefined) throw new Error("commit a breach of this law in BREACHES");
      const found = (await brokenBy(breach)).find(({ law, message }) => law === name && breach.message.test(message));
      expect(found, name).to.not.equal(undefined);
      expect(found!.atSeconds).to.be.within(60, ((breach.minutes ?? 5) + 1) * 60);
      expect(found!.object).to.not.equal("");
    });
  }

  it("tells each breach with its moment and object, in the log too", async () => {
    const lines: unknown[] = [];
    const stage = await Stage.set({ sink: (line) => lines.push(line) });
    const broken = watchLaws(stage.world, stage.world.clock.now, stage.promises);
    notice(stage);
    const [{ id } = { id: "" }] = stage.instances;
    await stage.run(3 * MINUTE);
    const law = "every instance that was noticed is DRAINING before it ends";
    const told = { law, object: id, message: "ended while it was ACTIVE" };
    expect(broken).to.deep.include({ ...told, atSeconds: 120 });
    expect(lines).to.deep.include({ t: 10 * MINUTE + 120 * SECOND, event: "law.Broken", ...told });
  });

  it("that is broken all the time is told a hundred times, not for ever", async () => {
    const stage = await Stage.set();
    const broken = watchLaws(stage.world, 0, stage.promises);
    stage.service.desiredCount = 1;
    await stage.run(5 * HOUR);
    expect(broken).to.have.length(100);
  });
});

describe("recommendations", () => {
  it("that nobody ever ends are told, in a group that has room for what comes back", async () => {
    for (const [spare, count] of [
      [2, 1],
      [0, 0],
    ]) {
      const stage = await Stage.set({ stack: { spareInstances: spare } });
      takeHints(stage);
      const broken = watchLaws(stage.world, stage.world.clock.now, stage.promises);
      hint(stage.cluster, [...stage.cluster.instances.values()][0]!);
      await stage.run(45 * MINUTE);
      expect(broken.map(({ message }) => message)).to.deep.equal(
        Array.from({ length: count! }, () => "is still hinted at: 2026-01-01T00:00:00.000Z"),
      );
    }
  });

  it("whose instance is interrupted, or empty, take no part of the budget", async () => {
    const stage = await Stage.set();
    takeHints(stage);
    const broken = watchLaws(stage.world, stage.world.clock.now, stage.promises);
    const [empty] = [...stage.cluster.instances.values()].filter(({ tasks }) => tasks.size === 0);
    const busy = [...stage.cluster.instances.values()].filter(({ tasks }) => tasks.size > 0);
    stage.cluster.setStatus(empty!, "DRAINING", "test");
    stage.world.ec2.interrupt(busy[0]!.ec2, stage.world.clock.now + 2 * MINUTE, false);
    stage.cluster.setStatus(busy[0]!, "DRAINING", "test");
    for (const each of [empty!, ...busy]) {
      hint(stage.cluster, each);
      stage.group.detach(each.ec2.id, false);
    }
    const told = broken.filter(({ law }) => law.includes("budget"));
    expect(told).to.deep.equal([]);
  });
});

/** Between one and as many tasks as there is room for. */
function scale({ world, cluster, service }: Stage, minCapacity = 2): void {
  const spec = { resourceId: "service/shop/web", arn: "target", minCapacity, maxCapacity: 4 };
  world.scalableTargets.set(spec.resourceId, new ScalableTarget(spec, cluster, service, world.context));
}

function addFallbackFunction({ world }: Stage, maxInstances: number): void {
  const [name = ""] = world.groups.keys();
  const environment = {
    AUTO_SCALING_GROUP_NAME: name,
    DECLARED_BASE_CAPACITY: "0",
    MAX_INSTANCES: String(maxInstances),
  };
  world.functions.push(functionOf(world, environment));
}

/** Every instance of the group by an On-Demand one. */
function buyOnDemand({ world }: Stage): void {
  const [group] = world.groups.values();
  group!.distribute({ ...group!.spec, onDemandBaseCapacity: 10 });
  for (const id of [...group!.members.keys()]) group!.detach(id, false);
}

function addScaleInFunction({ world, cluster }: Stage): void {
  const environment = {
    SERVICE_NAME: "web",
    LOW_ALARM_NAME: "low",
    SETTLE_SECONDS: "20",
    WORK_PATIENCE_SECONDS: "600",
  };
  world.functions.push(functionOf(world, { CLUSTER_ARN: cluster.spec.arn, ...environment }));
}

/** As the scale-in function does: stops the tasks, and lowers the desired count by as many. */
function retire({ cluster, service }: Stage, tasks: readonly Task[], by = tasks.length): void {
  for (const task of tasks) cluster.life.stop(task, "api", "UserInitiated", "test", undefined, "fn");
  cluster.setDesiredCount(service, service.desiredCount - by, "fn");
}

/** Takes a task's targets out, and again whenever ECS has registered them. */
function keepOut({ world, service }: Stage, task: Task): void {
  world.clock.every(world.clock.now, 9 * SECOND, () => {
    for (const { targetGroup, port } of service.targetsOf(task)) targetGroup.deregister(task.instance!.ec2.id, port);
  });
}

describe("desired counts that somebody without a right to it changes", () => {
  const changes: readonly (readonly [who: string, by: string, to: number, told: RegExp])[] = [
    [
      "scaling, of a service that isn't scaled",
      "application-autoscaling",
      3,
      /set from 2 to 3 by application-autoscaling/,
    ],
    ["a function that isn't its scale-in function", "other", 1, /set from 2 to 1 by other/],
    ["its scale-in function, upward", "fn", 3, /set from 2 to 3 by fn/],
  ];
  for (const [who, by, to, told] of changes) {
    it(`are told: ${who}`, async () => {
      const stage = await Stage.set();
      addScaleInFunction(stage);
      const broken = watchLaws(stage.world, stage.world.clock.now, stage.promises);
      stage.cluster.setDesiredCount(stage.service, to, by);
      expect(broken.map(({ law, message }) => [law, told.test(message)])).to.deep.equal([
        ["desired counts never drift", true],
      ]);
    });
  }
});

describe("what the scale-in function does that it may not", () => {
  const acts: readonly (readonly [what: string, told: RegExp, act: (stage: Stage) => void])[] = [
    [
      "lowering the count by more than it stopped",
      /was set from 2 to 1 where 0 tasks had been stopped/,
      (stage) => retire(stage, [], 1),
    ],
    [
      "lowering the count long after it stopped a task",
      /was set from 2 to 1 where 0 tasks had been stopped/,
      (stage) => {
        const [task] = stage.tasks;
        keepOut(stage, task!);
        stage.world.clock.after(23 * SECOND, () => retire(stage, [task!], 0));
        stage.world.clock.after(28 * SECOND, () => retire(stage, [], 1));
      },
    ],
    [
      "stopping a task that its container has protected",
      /was stopped \(test\) while its container protected it/,
      (stage) => {
        const [task] = stage.tasks;
        keepOut(stage, task!);
        void new AgentProtection(stage.cluster, task!, stage.world.context).set(true, 60);
        stage.world.clock.after(23 * SECOND, () => retire(stage, [task!]));
      },
    ],
  ];
  for (const [what, told, act] of acts) {
    it(`is told: ${what}`, async () => {
      const stage = await Stage.set();
      addScaleInFunction(stage);
      const broken = watchLaws(stage.world, stage.world.clock.now, stage.promises);
      act(stage);
      await stage.run(MINUTE);
      expect(broken.map(({ message }) => told.test(message))).to.deep.equal([true]);
    });
  }
});

describe("a worker that takes a job and is stopped by its scale-in function", () => {
  const LAW = "no scale-in, no move and no deployment stops a task that its own container has protected";
  const breaches = async (stoppedAfterMs: number): Promise<number> => {
    const stage = await Stage.set({ stack: { isBalanced: false } });
    addScaleInFunction(stage);
    const broken = watchLaws(stage.world, stage.world.clock.now, stage.promises);
    const [task] = stage.tasks;
    void new AgentProtection(stage.cluster, task!, stage.world.context).set(true, 60);
    stage.world.clock.after(stoppedAfterMs, () => retire(stage, [task!]));
    await stage.run(MINUTE);
    return broken.filter(({ law }) => law === LAW).length;
  };

  it("breaks no law where the function may not have seen it, right after its last look", async () => {
    expect(await breaches(4 * SECOND)).to.equal(0);
  });

  it("breaks one where the function had time to see it", async () => {
    expect(await breaches(7 * SECOND)).to.equal(1);
  });
});

describe("no law is broken", () => {
  const held = async (play: (stage: Stage) => void, options: Partial<StageOptions> = {}): Promise<void> => {
    const stage = await Stage.set(options);
    addScaleInFunction(stage);
    const broken = watchLaws(stage.world, stage.world.clock.now, stage.promises);
    play(stage);
    await stage.run(30 * MINUTE);
    expect(broken).to.deep.equal([]);
  };

  it("where an instance goes that nobody was told of", () =>
    held(({ world, instances }) => world.ec2.interrupt(instances[0]!, world.clock.now + SECOND, true)));

  it("where a worker's instance goes without a word, and ECS takes its task for running until it finds out", () =>
    held(({ world, tasks: [task] }) => world.ec2.interrupt(task!.instance!.ec2, world.clock.now + SECOND, true), {
      stack: { isBalanced: false },
    }));

  it("where the agent drains a noticed instance in time", () => held(notice, { stack: { agentDrains: true } }));

  it("where another cluster's instance is noticed that nobody here drains", () =>
    held((stage) => {
      const { world } = stage;
      const spec = { name: "neighbours", arn: `arn:aws:ecs:${PLACE.region}:${PLACE.account}:cluster/neighbours` };
      world.clusters.set(spec.name, new Cluster(spec, world.context, () => ({ vcpu: 2, memoryMiB: 8192 }), idle));
      const launched = world.ec2.launch({
        instanceType: "m5.large",
        availabilityZone: "eu-west-1a",
        lifecycle: "spot",
        userData: "#!/bin/bash\necho ECS_CLUSTER=neighbours >> /etc/ecs/ecs.config",
        tags: {},
        autoScalingGroupName: "neighbours",
      });
      if (typeof launched === "string") throw new Error(launched);
      world.clock.after(10 * MINUTE, () => world.ec2.interrupt(launched, world.clock.now + 2 * MINUTE, false));
    }));

  it("where a service is scaled out and in within its bounds", () =>
    held((stage) => {
      scale(stage, 1);
      stage.cluster.setDesiredCount(stage.service, 3);
      stage.world.clock.after(10 * MINUTE, () => stage.cluster.setDesiredCount(stage.service, 1));
    }));

  it("where the scale-in function retires a task as it should, although ECS registers it again meanwhile", () =>
    held((stage) => {
      const [retired] = stage.tasks;
      stage.cluster.tag(retired!, { "spotproof:retiring": "2026-01-01T00:00:00.000Z" });
      keepOut(stage, retired!);
      stage.world.clock.after(23 * SECOND, () => retire(stage, [retired!]));
    }));

  it("where the scale-in function stopped a task, died before it lowered the count, and ECS replaced the task", () =>
    held((stage) => {
      const [retired] = stage.tasks;
      keepOut(stage, retired!);
      stage.world.clock.after(23 * SECOND, () => retire(stage, [retired!], 0));
    }));

  it("where a marked task waits for its work, and is let go in time", () =>
    held(({ world, cluster, tasks: [task] }) => {
      cluster.tag(task!, { "spotproof:retiring": "2026-01-01T00:00:00.000Z" });
      world.clock.after(15 * MINUTE, () => cluster.tag(task!, {}));
    }));

  it("where ECS by itself takes tasks that are too many, with their targets in", () =>
    held(
      ({ world, cluster }) => {
        const [instance] = cluster.instances.values();
        cluster.setStatus(instance!, "DRAINING", "test");
        world.clock.after(2 * MINUTE, () => cluster.setStatus(instance!, "ACTIVE", "test"));
      },
      { stack: { instances: 5 } },
    ));

  it("where a deployment that fails is rolled back", () =>
    held(({ cluster, service }) => cluster.deploy(service, { fails: "start" })));
});
