import { expect } from "chai";
import * as fc from "fast-check";
import { Routing } from "../../../rehearsal/traffic/routing";
import { capacityOf, leastCapacityOf } from "../../../rehearsal/traffic/taskCapacity";
import { PRIORITY } from "../../../rehearsal/world/clock";
import { MINUTE, SECOND, Stage } from "../../support/stage";

const happenings: Readonly<Record<string, (stage: Stage, which: number) => void>> = {
  "a host goes": ({ world, instances }, which) => {
    const instance = instances[which % instances.length];
    if (instance !== undefined) world.ec2.terminate(instance.id, "test");
  },
  "an instance is taken back": ({ world, instances }, which) => {
    const instance = instances[which % instances.length];
    if (instance !== undefined) world.ec2.interrupt(instance, world.clock.now + MINUTE, which % 2 === 0);
  },
  "every host goes": ({ world, instances }) => instances.forEach(({ id }) => world.ec2.terminate(id, "test")),
  "a task is stopped": ({ cluster, tasks }, which) => {
    const task = tasks[which % tasks.length];
    if (task !== undefined) cluster.life.stop(task, "api", "UserInitiated", "test");
  },
  "a target is deregistered": ({ targetGroup }, which) => {
    const targets = [...targetGroup.targets.values()];
    const target = targets[which % targets.length];
    if (target !== undefined) targetGroup.deregister(target.instanceId, target.port);
  },
  "a target is registered that nobody is behind": ({ targetGroup }, which) => targetGroup.register("i-0", which),
};

const stories = fc.array(
  fc.record({
    what: fc.constantFrom(...Object.keys(happenings)),
    which: fc.nat(9),
    afterSeconds: fc.constantFrom(0, 1, 5, 40),
  }),
  { minLength: 1, maxLength: 12 },
);

const profiles = fc.record({
  onSigterm: fc.constantFrom("finish", "exit", "ignore"),
  cpuSecondsPerRequest: fc.constantFrom(0, 0.02),
});
const flags = fc.record({ stopTaskDeregistersFirst: fc.boolean() });

/** Holds what is kept against what is looked up from nothing, after each change. */
class Check {
  private readonly routing: Routing;
  private readonly lost = new Set<string>();
  requestsPerSecond = 10;

  constructor(private readonly stage: Stage) {
    const { world, targetGroup, cluster, profile } = stage;
    this.routing = new Routing(targetGroup, cluster, profile);
    world.ec2.ended.subscribe(({ id, interruption }) => {
      if (interruption === undefined || interruption.noticedAt !== undefined) return;
      this.lost.add(id);
      this.routing.loseWithoutNotice(id);
    });
    // As traffic does: what changed is also taken in while more is about to change at the same moment.
    world.context.beforeChange.subscribe(() => {
      this.routing.refresh(this.requestsPerSecond);
      world.clock.after(0, () => this.run(), PRIORITY.observe);
    });
  }

  run(): void {
    this.routing.refresh(this.requestsPerSecond);
    const expected = this.lookUp();
    const found = this.routing.routed.map(({ task, ...rest }) => ({ task: task?.arn, ...rest }));
    expect(found.map(({ task, answers, lostWithoutNotice }) => ({ task, answers, lostWithoutNotice }))).to.deep.equal(
      expected,
    );
    expect(this.routing.answering).to.equal(expected.filter(({ answers }) => answers).length);
    const silent = expected.filter(({ answers, lostWithoutNotice }) => !answers && lostWithoutNotice);
    expect(this.routing.lostWithoutNotice).to.equal(silent.length);
    this.checkCapacities();
  }

  private lookUp() {
    const { targetGroup, cluster } = this.stage;
    return targetGroup.routed().map(({ instanceId, port }) => {
      const task = cluster.life.behind(instanceId, port);
      const answers = task !== undefined && cluster.life.answers(task);
      return { task: task?.arn, answers, lostWithoutNotice: this.lost.has(instanceId) };
    });
  }

  private checkCapacities(): void {
    const each = this.requestsPerSecond / this.routing.routed.length;
    for (const route of this.routing.routed) {
      if (!route.answers) continue;
      const capacity = capacityOf(route.task!, this.stage.profile);
      expect(leastCapacityOf(route.task!, this.stage.profile)).to.be.at.most(capacity);
      expect(Math.min(each, this.routing.capacityOf(route))).to.equal(Math.min(each, capacity));
    }
  }
}

describe("whom requests go to, kept from change to change", () => {
  it("is what a look at every target finds, whatever happens", () =>
    fc.assert(
      fc.asyncProperty(stories, profiles, flags, fc.nat(100), async (story, profile, flags, seed) => {
        const stage = await Stage.set({ seed, profile, flags, stack: { instances: 4, tasks: 3 } });
        stage.workload.countInFlight(() => 3 * SECOND);
        const check = new Check(stage);
        check.run();
        for (const { what, which, afterSeconds } of story) {
          check.requestsPerSecond = which * 100;
          happenings[what]!(stage, which);
          await stage.run(afterSeconds * SECOND);
        }
        await stage.run(5 * MINUTE);
      }),
      { numRuns: 100 },
    ));
});
