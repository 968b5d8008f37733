import path from "node:path";
import { expect } from "chai";
import { Deployment } from "./support/deployment";
import { GIVEN_VPC } from "./support/networks";
import { changes, leastServing, succeeded } from "./support/outcomes";

/** Early, in the middle, late: by the end of a URN. */
const FAILING = [
  "Cluster::spotproof",
  "Group::spotproof-group",
  "EventSourceMapping::spotproof-drain-events",
  "Service::web",
];

const REPLACED_WITH_CLUSTER = [
  "Role::shop-instance-role",
  "Group::shop-group",
  "ClusterCapacityProviders::shop-capacity-providers",
  "Service::api",
];

describe("a deployment that fails half-way", () => {
  let deployment: Deployment;
  afterEach(() => deployment.close());

  for (const failing of FAILING) {
    it(`at ${failing} keeps what was made, and the next update makes just the rest`, async () => {
      deployment = await Deployment.create({ config: GIVEN_VPC });
      const { account } = deployment;
      account.failingCreates.push(failing);
      const failed = await deployment.up();
      expect(failed.error).to.include("InternalFailure");
      const made = account.size;

      const up = succeeded(await deployment.up());
      const created = up.calls.filter(({ action }) => action === "create");
      expect(up.calls).to.deep.equal(created);
      expect(made + created.length).to.equal(account.size);
      expect(up.calls.at(-1)?.serving).to.equal(2);
      expect(changes(succeeded(await deployment.preview()))).to.deep.equal({});
    });
  }

  it("while a load balancer is replaced goes on serving, and the next update makes an end of it", async () => {
    deployment = await Deployment.create({ config: GIVEN_VPC });
    succeeded(await deployment.up());
    deployment.configure({ internal: true });
    deployment.account.failingCreates.push("Listener::web-http");
    const failed = await deployment.up();
    expect(failed.error).to.include("InternalFailure");
    expect(leastServing(failed)).to.equal(2);

    expect(leastServing(succeeded(await deployment.up()))).to.equal(2);
    expect(deployment.account.all("aws:lb/loadBalancer:LoadBalancer").map(({ props }) => props.internal)).to.deep.equal(
      [true],
    );
    expect(deployment.account.all("aws:lb/targetGroup:TargetGroup")).to.have.length(1);
    succeeded(await deployment.destroy());
    expect(deployment.account.size).to.equal(0);
  });

  it("while a cluster is replaced, wherever it fails, goes on serving, and the next update makes an end of it", async () => {
    deployment = await Deployment.create({ program: path.join(__dirname, "programs/renamed.ts") });
    succeeded(await deployment.up());
    for (const failing of REPLACED_WITH_CLUSTER) {
      deployment.configure({ "names:instanceSecurityGroup": `before-${failing.split("::")[0]!.toLowerCase()}` });
      deployment.account.failingCreates.push(failing);
      const failed = await deployment.up();
      expect(failed.error, failing).to.include("InternalFailure");
      expect(leastServing(failed), failing).to.equal(2);
      expect(leastServing(succeeded(await deployment.up())), failing).to.equal(2);
      expect(deployment.account.all("aws:ecs/cluster:Cluster"), failing).to.have.length(1);
    }
  });

  it("can be destroyed as it is", async () => {
    deployment = await Deployment.create({ config: GIVEN_VPC });
    deployment.account.failingCreates.push("Service::web");
    expect((await deployment.up()).error).to.include("InternalFailure");
    succeeded(await deployment.destroy());
    expect(deployment.account.size).to.equal(0);
  });
});
