import path from "node:path";
import { expect } from "chai";
import { Deployment } from "./support/deployment";
import { expectNameRefused, renameAndBack } from "./support/names";
import { leastServing, steps, succeeded, unansweredIn } from "./support/outcomes";

/** AWS's name of each child that is made around a service. */
const NAMES = [
  "alarmTopic",
  "clusterAlarm",
  "serviceAlarm",
  "dashboard",
  "logGroup",
  "accessLogsBucket",
  "scalingPolicy",
  "scalingAlarm",
  "scheduledAction",
  "scaleInFunction",
  "targetGroup",
];

describe("a change of the name of what is around a service", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await Deployment.create({ program: path.join(__dirname, "programs/renamedParts.ts") });
    succeeded(await deployment.up());
    deployment.account.watched = [{ host: "shop.example.com", path: "/" }];
  });
  after(() => deployment.close());

  for (const name of NAMES) {
    it(`${name}, and back: is made in an order that AWS accepts, and every request is answered meanwhile`, () =>
      renameAndBack(deployment, name));
  }

  for (const child of ["onDemandAutoScalingGroup", "onDemandCapacityProvider"]) {
    it(`${child}: is refused with what to do, because no other could be made beside it`, () =>
      expectNameRefused(deployment, child));
  }

  it("of a service with domain names fails at those, which the old one has, before anything stops", async () => {
    deployment.configure({ "names:serviceComponent": "renamed" });
    const failed = await deployment.up();
    expect(failed.error).to.include("name='shop.example.com', type='A'] but it already exists");
    deployment.configure({ "names:serviceComponent": undefined });
    for (const outcome of [failed, succeeded(await deployment.up())]) {
      expect(unansweredIn(outcome)).to.be.empty;
      expect(leastServing(outcome)).to.equal(2);
    }
  });

  it("of a service whose old name Pulumi is told as an alias moves no name, no balancer and no service", async () => {
    deployment.configure({ "names:serviceComponent": "renamed", "names:aliasOfService": "api" });
    const up = succeeded(await deployment.up());
    const kept = ["aws:route53/record", "aws:lb/", "aws:acm/", "aws:ecs/service", "aws:s3/"];
    const moved = steps(up).filter((step) => !step.startsWith("update ") && kept.some((each) => step.includes(each)));
    expect(moved).to.deep.equal([]);
    expect(unansweredIn(up)).to.be.empty;
    expect(leastServing(up)).to.equal(2);
  });

  it("leaves nothing behind when the stack is destroyed", async () => {
    succeeded(await deployment.destroy());
    expect(deployment.account.size).to.equal(0);
  });
});
