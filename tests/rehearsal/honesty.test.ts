import { expect } from "chai";
import type { Resource } from "../../rehearsal/deploy/monitor";
import type { MeasuredResult } from "../../rehearsal/measure/result";
import {
  declareStack,
  rehearseResources,
  without,
  withoutAgentDraining,
  withoutManagedDraining,
  withoutPermission,
  withoutRule,
} from "../support/tampering";

/** Full instances: a task that has to leave finds no room until the replacement has come. */
const NO_HEADROOM = { minSize: 3, maxSize: 8, desiredCount: 6, cpu: 1024, onDemandBaseCapacity: 0 };
const SEEDS = [1, 2];

const stillDraining = "every instance that was noticed is DRAINING before it ends";
const stillRegistered = "no task of an instance that was noticed is registered or without SIGTERM when it ends";

/** What is lost over all seeds, and which laws were broken. */
async function rehearse(resources: readonly Resource[]) {
  const results: MeasuredResult[] = [];
  for (const seed of SEEDS) results.push(await rehearseResources(resources, { seed }));
  const sum = (read: (result: MeasuredResult) => number): number =>
    results.reduce((total, result) => total + read(result), 0);
  return {
    failed: sum(({ requests }) => requests.failed),
    interruptions: sum(({ interruptions }) => interruptions.instancesLost),
    minutesLost: sum(({ capacityMinutesLost }) => capacityMinutesLost.total),
    lawsBroken: [...new Set(results.flatMap(({ lawsBroken }) => lawsBroken.map(({ law }) => law)))].sort(),
  };
}

describe("a service that has to keep all its tasks, in a group without headroom,", function () {
  this.timeout(60_000);
  let stack: readonly Resource[];
  before(async () => {
    stack = await declareStack({ ...NO_HEADROOM, minimumHealthyPercent: 100 });
  });

  it("loses no request and breaks no law through ten interruptions", async () => {
    const { failed, lawsBroken, interruptions } = await rehearse(stack);
    expect({ failed, lawsBroken }).to.deep.equal({ failed: 0, lawsBroken: [] });
    expect(interruptions).to.be.at.least(10);
  });

  const chain: readonly (readonly [what: string, type: string, name: string])[] = [
    ["event rule", "aws:cloudwatch/eventRule:EventRule", "spotproof-interruption"],
    ["event rule's target", "aws:cloudwatch/eventTarget:EventTarget", "spotproof-interruption"],
    ["queue policy", "aws:sqs/queuePolicy:QueuePolicy", "spotproof-events-policy"],
    ["event source mapping", "aws:lambda/eventSourceMapping:EventSourceMapping", "spotproof-drain-events"],
    ["role's policy", "aws:iam/rolePolicy:RolePolicy", "spotproof-drain-policy"],
    ["function", "aws:lambda/function:Function", "spotproof-drain"],
  ];
  for (const [what, type, name] of chain) {
    it(`loses requests without the drain's ${what}: ECS's own draining waits for room that isn't there`, async () => {
      const { failed, lawsBroken } = await rehearse(without(stack, type, name));
      expect(failed).to.be.at.least(500);
      expect(lawsBroken).to.deep.equal([stillRegistered]);
    });
  }

  it("loses requests without the permission to deregister targets: a task then gets SIGTERM with its target in routing", async () => {
    const { failed } = await rehearse(withoutPermission(stack, "elasticloadbalancing:DeregisterTargets"));
    expect(failed).to.be.at.least(50);
  });

  it("runs short for longer without the permission to detach: the replacement comes after the loss", async () => {
    const intact = await rehearse(stack);
    const { minutesLost, failed } = await rehearse(withoutPermission(stack, "autoscaling:DetachInstances"));
    expect(minutesLost).to.be.greaterThan(1.5 * intact.minutesLost);
    expect(failed).to.equal(0);
  });

  it("shows nothing without the permission to set DRAINING, since the agent and managed draining do so too", async () => {
    const { failed, lawsBroken } = await rehearse(withoutPermission(stack, "ecs:UpdateContainerInstancesState"));
    expect({ failed, lawsBroken }).to.deep.equal({ failed: 0, lawsBroken: [] });
  });

  describe("whose agents and capacity provider leave draining to the function,", () => {
    let alone: readonly Resource[];
    before(() => {
      alone = withoutAgentDraining(withoutManagedDraining(stack));
    });

    it("still loses no request: the function alone is enough", async () => {
      const { failed, lawsBroken } = await rehearse(alone);
      expect({ failed, lawsBroken }).to.deep.equal({ failed: 0, lawsBroken: [] });
    });

    it("breaks laws without the permission to set DRAINING: new tasks are placed on what is about to end", async () => {
      const { lawsBroken, minutesLost } = await rehearse(withoutPermission(alone, "ecs:UpdateContainerInstancesState"));
      // What is placed there is stopped in time, by the look at the last moment.
      expect(lawsBroken).to.include(stillDraining);
      expect(minutesLost).to.be.greaterThan((await rehearse(alone)).minutesLost);
    });

    it("loses the most without the event rule: nobody handles an interruption at all", async () => {
      const nobody = await rehearse(withoutRule(alone));
      expect(nobody.failed).to.be.greaterThan(2 * (await rehearse(withoutRule(stack))).failed);
      expect(nobody.lawsBroken).to.include.members([stillDraining, stillRegistered]);
    });
  });
});

describe("a service that may run on half its tasks for a while", function () {
  this.timeout(60_000);
  let stack: readonly Resource[];
  before(async () => {
    stack = await declareStack({ ...NO_HEADROOM, minimumHealthyPercent: 50 });
  });

  it("loses no request without the drain's event rule, since ECS's own draining does, but runs short for half as long again", async () => {
    const intact = await rehearse(stack);
    const { failed, minutesLost } = await rehearse(withoutRule(stack));
    expect({ intact: intact.failed, failed }).to.deep.equal({ intact: 0, failed: 0 });
    expect(minutesLost).to.be.greaterThan(1.5 * intact.minutesLost);
  });

  it("loses requests where the agent's setting is gone as well, and managed draining", async () => {
    const agentOnly = withoutRule(withoutManagedDraining(stack));
    expect((await rehearse(agentOnly)).failed).to.equal(0);
    const { failed, lawsBroken } = await rehearse(withoutAgentDraining(agentOnly));
    expect(failed).to.be.at.least(1000);
    expect(lawsBroken).to.include(stillDraining);
  });
});
