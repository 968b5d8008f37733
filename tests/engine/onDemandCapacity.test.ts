import { expect } from "chai";
import { Deployment } from "./support/deployment";
import { GIVEN_VPC } from "./support/networks";
import { changed, leastServing, succeeded } from "./support/outcomes";

const PROVIDER = "aws:ecs/capacityProvider:CapacityProvider";

describe("on-demand capacity", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await Deployment.create({ config: GIVEN_VPC });
    succeeded(await deployment.up());
  });
  after(() => deployment.close());

  it("is asked for, with a service on it, in one update", async () => {
    const onDemand = { onDemandCapacity: { minSize: 0, maxSize: 4 }, capacity: "onDemand" };
    expect(leastServing(await changed(deployment, onDemand))).to.equal(2);
    expect(deployment.account.all(PROVIDER)).to.have.length(2);
  });

  it("can't go in the update that moves the service off it, which AWS refuses while the service serves", async () => {
    deployment.configure({ onDemandCapacity: undefined, capacity: undefined });
    const failed = await deployment.up();
    expect(failed.error).to.include("ResourceInUseException: The specified capacity provider is in use");
    expect(failed.calls).to.deep.equal([]);
  });

  it("goes in the update after that one", async () => {
    for (const onDemandCapacity of [{ minSize: 0, maxSize: 4 }, undefined])
      expect(leastServing(await changed(deployment, { onDemandCapacity }))).to.equal(2);
    expect(deployment.account.all(PROVIDER)).to.have.length(1);
    expect(deployment.account.all("aws:autoscaling/group:Group")).to.have.length(1);
  });
});
