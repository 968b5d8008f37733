import { expect } from "chai";
import { Deployment } from "./support/deployment";
import { changes, leastServing, succeeded } from "./support/outcomes";

const DECLARED: Readonly<Record<string, { readonly tasks: number }>> = { dev: { tasks: 2 }, prod: { tasks: 6 } };

for (const [stack, { tasks }] of Object.entries(DECLARED)) {
  describe(`the ${stack} stack on the real engine`, () => {
    let deployment: Deployment;
    before(async () => (deployment = await Deployment.create({ stack })));
    after(() => deployment.close());

    it("is previewed from nothing, and nothing is asked of AWS", async () => {
      const preview = succeeded(await deployment.preview());
      expect(Object.keys(changes(preview))).to.deep.equal(["create"]);
      expect(preview.calls).to.deep.equal([]);
    });

    it("comes up in an order that AWS accepts, with all its tasks serving", async () => {
      const up = succeeded(await deployment.up());
      expect(Object.keys(changes(up))).to.deep.equal(["create"]);
      expect(up.calls.at(-1)?.serving).to.equal(tasks);
      expect((await deployment.outputs()).url?.value).to.match(
        stack === "prod" ? /^https:\/\/web-alb-/ : /^http:\/\/web-alb-/,
      );
    });

    it("has nothing to change when it is previewed again", async () => {
      expect(changes(succeeded(await deployment.preview()))).to.deep.equal({});
    });

    it("is destroyed in an order that AWS accepts, and nothing is left", async () => {
      expect(deployment.account.size).to.be.greaterThan(30);
      expect(Object.keys(changes(succeeded(await deployment.destroy())))).to.deep.equal(["delete"]);
      expect(deployment.account.size).to.equal(0);
    });
  });
}

describe("a VPC made by awsx", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await Deployment.create({ config: { availabilityZoneCount: 3, natGatewayStrategy: "OnePerAz" } });
    succeeded(await deployment.up());
  });
  after(() => deployment.close());

  it("has a public and a private subnet in each zone of the stack's region, and a NAT gateway in each", () => {
    const { account } = deployment;
    const zones = account.all("aws:ec2/subnet:Subnet").map(({ props }) => props.availabilityZone);
    expect(zones.sort()).to.deep.equal([
      "eu-west-1a",
      "eu-west-1a",
      "eu-west-1b",
      "eu-west-1b",
      "eu-west-1c",
      "eu-west-1c",
    ]);
    expect(account.all("aws:ec2/natGateway:NatGateway")).to.have.length(3);
  });

  it("gives the instances its private subnets, and the load balancer its public ones", () => {
    const { account } = deployment;
    const named = (part: string) =>
      account
        .all("aws:ec2/subnet:Subnet")
        .filter(({ urn }) => urn.includes(part))
        .map(({ id }) => id);
    const [group] = account.all("aws:autoscaling/group:Group");
    const [balancer] = account.all("aws:lb/loadBalancer:LoadBalancer");
    expect(group?.props.vpcZoneIdentifiers).to.have.members(named("-private-"));
    expect(balancer?.props.subnets).to.have.members(named("-public-"));
  });

  it("gives up zones while the service goes on", async () => {
    deployment.configure({ availabilityZoneCount: 2, natGatewayStrategy: "Single" });
    const up = succeeded(await deployment.up());
    expect(leastServing(up)).to.equal(2);
    expect(deployment.account.all("aws:ec2/subnet:Subnet")).to.have.length(4);
    expect(deployment.account.all("aws:ec2/natGateway:NatGateway")).to.have.length(1);
  });
});
