import path from "node:path";
import { expect } from "chai";
import { Deployment } from "./support/deployment";
import { expectNameRefused, renameAndBack } from "./support/names";
import { leastServing, succeeded } from "./support/outcomes";

/** AWS's name of each child, and the name of each component. */
const NAMES = [
  "cluster",
  "instanceSecurityGroup",
  "instanceRole",
  "launchTemplate",
  "drainFunction",
  "loadBalancer",
  "targetGroup",
  "loadBalancerSecurityGroup",
  "taskDefinition",
  "taskRole",
  "executionRole",
  "service",
  "clusterComponent",
  "serviceComponent",
];

describe("a change of a name", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await Deployment.create({ program: path.join(__dirname, "programs/renamed.ts") });
    succeeded(await deployment.up());
  });
  after(() => deployment.close());

  for (const name of NAMES) {
    it(`${name}, and back: is made in an order that AWS accepts, and no task stops serving before its successor serves`, () =>
      renameAndBack(deployment, name));
  }

  for (const child of ["autoScalingGroup", "capacityProvider"]) {
    it(`${child}: is refused with what to do, because no other could be made beside it`, () =>
      expectNameRefused(deployment, child));
  }

  // Another security group takes another cluster, and that another role: both beside the old ones.
  for (const [child, type] of [
    ["cluster", "aws:ecs/cluster:Cluster"],
    ["instanceRole", "aws:iam/role:Role"],
  ] as const) {
    it(`which would take a second ${child} of the same name fails before any task stops, and goes on once it may have another`, async () => {
      deployment.configure({ [`names:${child}`]: "mine" });
      succeeded(await deployment.up());
      deployment.configure({ "names:instanceSecurityGroup": `for-${child.toLowerCase()}` });
      const failed = await deployment.up();
      expect(failed.error).to.include(`AlreadyExists: there is a ${type} mine`);
      expect(leastServing(failed)).to.equal(2);
      deployment.configure({ [`names:${child}`]: undefined });
      expect(leastServing(succeeded(await deployment.up()))).to.equal(2);
    });
  }

  it("leaves nothing behind when the stack is destroyed", async () => {
    succeeded(await deployment.destroy());
    expect(deployment.account.size).to.equal(0);
  });
});
