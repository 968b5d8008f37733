import { expect } from "chai";
import { Deployment } from "./support/deployment";
import { describeMatrix } from "./support/matrix";
import { GIVEN_VPC, OWN_VPC } from "./support/networks";
import { leastServing, succeeded } from "./support/outcomes";

describeMatrix("a given VPC", GIVEN_VPC);

describe("a stack that moves from a VPC of its own to a given one", () => {
  it("serves until it serves there, and then gives up its own", async () => {
    const deployment = await Deployment.create({ config: OWN_VPC });
    try {
      succeeded(await deployment.up());
      deployment.configure(GIVEN_VPC);
      expect(leastServing(succeeded(await deployment.up()))).to.equal(2);
      expect(deployment.account.all("aws:ec2/vpc:Vpc")).to.be.empty;
    } finally {
      deployment.close();
    }
  });
});
