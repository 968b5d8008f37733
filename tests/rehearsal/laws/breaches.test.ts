import { expect } from "chai";
import { LAWS, watchLaws } from "../../../rehearsal/laws";
import type { BrokenLaw } from "../../../rehearsal/measure/result";
import { Cluster } from "../../../rehearsal/world/ecs/cluster";
import { LambdaFunction } from "../../../rehearsal/world/lambda/function";
import { HOUR, MINUTE, PLACE, SECOND, Stage, type StageOptions } from "../../support/stage";

const idle = { startMs: () => 0, exitAfterSigtermMs: () => 0, acceptsAfterSigterm: false };

interface Breach {
  readonly stage?: Partial<StageOptions>;
  /** Done before anybody watches. */
  readonly prepare?: (stage: Stage) => void;
  /** What nobody may do. */
  readonly commit: (stage: Stage) => void | Promise<void>;
  /** What is told of it. */
  readonly message: RegExp;
}

const notice = ({ world, instances }: Stage): void =>
  world.ec2.interrupt(instances[0]!, world.clock.now + 2 * MINUTE, false);

/** By the law's name. */
const BREACHES: Readonly<Record<string, Breach>> = {
  "no task is placed on an instance that is not ACTIVE": {
    commit: ({ cluster, tasks: [task] }) => {
      task!.instance!.status = "DRAINING";
      cluster.placed.publish(task!);
    },
    message: /was placed on it while DRAINING/,
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
  "no function changes an instance of another cluster": {
    commit: (stage) => {
      const [instance] = stage.cluster.instances.values();
      stage.cluster.setStatus(instance!, "DRAINING", "api");
    },
    message: /of shop became DRAINING through the API/,
  },
  "every function starts": {
    prepare: ({ world }) => {
      const spec = {
        name: "broken",
        arn: `arn:aws:lambda:${PLACE.region}:${PLACE.account}:function:broken`,
        text: "throw new Error('no environment');",
        environment: {},
        timeoutMs: 3000,
        memoryMiB: 128,
        reservedConcurrency: undefined,
        statements: [],
      };
      world.functions.push(new LambdaFunction(spec, world.context, () => () => Promise.resolve({})));
    },
    commit: ({ world }) => world.functions.at(-1)!.invoke({}, () => undefined),
    message: /no environment/,
  },
};

async function brokenBy({ stage: options, prepare, commit }: Breach): Promise<BrokenLaw[]> {
  const stage = await Stage.set(options);
  prepare?.(stage);
  const broken = watchLaws(stage.world, stage.world.clock.now, stage.promises);
  await stage.run(MINUTE);
  expect(broken).to.deep.equal([]);
  await commit(stage);
  await stage.run(5 * MINUTE);
  return broken;
}

describe("a law", () => {
  for (const { name } of LAWS) {
    it(`is seen to be broken: ${name}`, async () => {
      const breach = BREACHES[name];
      if (breach === undefined) throw new Error("commit a breach of this law in BREACHES");
      const found = (await brokenBy(breach)).find(({ law, message }) => law === name && breach.message.test(message));
      expect(found, name).to.not.equal(undefined);
      expect(found!.atSeconds).to.be.within(60, 6 * 60);
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

describe("no law is broken", () => {
  const held = async (play: (stage: Stage) => void, options: Partial<StageOptions> = {}): Promise<void> => {
    const stage = await Stage.set(options);
    const broken = watchLaws(stage.world, stage.world.clock.now, stage.promises);
    play(stage);
    await stage.run(30 * MINUTE);
    expect(broken).to.deep.equal([]);
  };

  it("where an instance goes that nobody was told of", () =>
    held(({ world, instances }) => world.ec2.interrupt(instances[0]!, world.clock.now + SECOND, true)));

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
});
