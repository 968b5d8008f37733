import path from "node:path";
import { expect } from "chai";
import { ROOT } from "../project/project";
import type { Call } from "./aws/account";
import { Deployment, type Outcome } from "./support/deployment";
import { changed, changes, leastServing, steps, succeeded, violations } from "./support/outcomes";

const SERVICE = "aws:ecs/service:Service";
const QUEUE = "aws:sqs/queue:Queue";

const TASKS = 2;
const KEY = "arn:aws:kms:eu-west-1:123456789012:key/7f0c6d1e-4b5a-4c1d-9d0e-2a3b4c5d6e7f";
const EXISTING = "arn:aws:sqs:eu-west-1:123456789012:orders";

/** What scaling out has set. */
const SCALED = 7;

const SCALING = { minCount: TASKS, maxCount: 10 };
const BEGUN = { queues: ["high", "low"], scaling: SCALING };
const CHANGED = {
  queues: [{ name: "high", weight: 3, visibilityTimeoutSeconds: 90 }, "low"],
  polling: "weighted",
  scaling: { ...SCALING, maxCount: 20, scaleOut: [{ atLeast: 1, add: 1 }] },
};

describe("workers", () => {
  let deployment: Deployment;
  const change = (config: object): Promise<Outcome> => changed(deployment, config);

  before(async () => {
    const program = path.join(__dirname, "programs/workers.ts");
    const config = { "workers:args": BEGUN, "workers:protectQueues": true };
    deployment = await Deployment.create({ program, config });
  });
  after(() => deployment.close());

  it("come up as previewed, in an order that AWS accepts, and the policies find nothing", async () => {
    const preview = succeeded(await deployment.preview());
    deployment.policyPacks = [path.join(ROOT, "policies")];
    const up = succeeded(await deployment.up());
    expect(changes(up)).to.deep.equal(changes(preview));
    expect(Object.keys(changes(up))).to.deep.equal(["create"]);
    expect(violations(up)).to.deep.equal([]);
    deployment.policyPacks = undefined;
    expect(changes(succeeded(await deployment.preview()))).to.deep.equal({});
  });

  it("are refused other queues while theirs are protected, before anything is asked of AWS", async () => {
    deployment.configure({ "workers:args": { ...BEGUN, fifo: true } });
    const refused = await deployment.up();
    expect(refused.error).to.match(
      /Queue \(mail-(high|low)-dlq\):\s+error: unable to replace .*\s.*currently marked for protection/,
    );
    expect(refused.calls).to.deep.equal([]);
  });

  it("are changed in place, in their queues, their order and their scaling, and keep the tasks that scaling has set", async () => {
    deployment.account.change(SERVICE, () => ({ desiredCount: SCALED }));
    const up = await change({ "workers:args": CHANGED, "workers:protectQueues": false });
    expect(leastServing(up)).to.equal(SCALED);
    expect(steps(up)).to.have.members([
      "update aws:sqs/queue:Queue mail-high",
      "create-replacement aws:ecs/taskDefinition:TaskDefinition mail-task",
      "replace aws:ecs/taskDefinition:TaskDefinition mail-task",
      "update aws:ecs/service:Service mail",
      "update aws:appautoscaling/target:Target mail-scaling",
      "create aws:appautoscaling/policy:Policy mail-sqs-up",
      "create aws:cloudwatch/metricAlarm:MetricAlarm mail-sqs-up",
      "update aws:lambda/function:Function mail-scale-in",
      "delete aws:appautoscaling/policy:Policy mail-track-backlog",
      "delete-replaced aws:ecs/taskDefinition:TaskDefinition mail-task",
    ]);
  });

  it("get FIFO queues beside the others, which go only once the service takes from the new ones", async () => {
    const up = await change({ "workers:args": { ...CHANGED, fifo: true } });
    expect(leastServing(up)).to.equal(SCALED);
    expect(deployment.account.all(QUEUE).map(({ props }) => props.fifoQueue)).to.include(true);
    const [created, moved, deleted] = [
      indices(up, "create", QUEUE),
      indices(up, "update", SERVICE),
      indices(up, "delete", QUEUE),
    ];
    expect(Math.max(...created)).to.be.below(Math.min(...moved));
    expect(Math.max(...moved)).to.be.below(Math.min(...deleted));
    expect([created, deleted].map(({ length }) => length)).to.deep.equal([4, 4]);
  });

  it("get a service for each queue, one with a key of its own and one that exists, before the common one goes", async () => {
    const queues = [
      { name: "high", kmsMasterKeyId: KEY },
      { name: "orders", arn: EXISTING },
    ];
    const up = await change({ "workers:args": { queues, services: "perQueue", scaling: SCALING } });
    const services = steps(up).filter((step) => step.includes(SERVICE));
    expect(services).to.have.members([
      `create ${SERVICE} mail-high`,
      `create ${SERVICE} mail-orders`,
      `delete ${SERVICE} mail`,
    ]);
    const [created, deleted] = [indices(up, "create", SERVICE), indices(up, "delete", SERVICE)];
    expect(Math.max(...created)).to.be.below(Math.min(...deleted));
    const names = deployment.account.all(QUEUE).map(({ props }) => props.kmsMasterKeyId);
    expect(names.filter((key) => key === KEY)).to.have.length(2);
  });

  it("are destroyed in an order that AWS accepts, and nothing is left", async () => {
    expect(Object.keys(changes(succeeded(await deployment.destroy())))).to.deep.equal(["delete"]);
    expect(deployment.account.size).to.equal(0);
  });
});

const indices = ({ calls }: Outcome, action: Call["action"], type: string): number[] =>
  calls.flatMap((call, index) => (call.action === action && call.type === type ? [index] : []));
