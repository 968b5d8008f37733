import { expect } from "chai";
import { Deployment, type Outcome } from "./support/deployment";
import { GIVEN_VPC } from "./support/networks";
import { changed, leastServing, steps, succeeded } from "./support/outcomes";

const SERVICE = "aws:ecs/service:Service";
const TARGET = "aws:appautoscaling/target:Target";
const OTHER_VPC = {
  vpcId: "vpc-0aa11bb22cc33dd44",
  subnetIds: ["subnet-0aa11bb22cc33dd44", "subnet-0bb22cc33dd44ee55"],
};

const AT_NIGHT = { cron: "0 20 ? * MON-FRI *", minCount: 2, maxCount: 6 };

/** What scaling out has set. */
const SCALED = 7;

describe("a service whose number of tasks follows its load", () => {
  let deployment: Deployment;
  const change = (config: object): Promise<Outcome> => changed(deployment, config);
  const scaleInFunctions = (): unknown[] =>
    deployment.account.all("aws:lambda/function:Function").filter(({ id }) => id.startsWith("web-scale-in"));
  const desired = (): unknown[] => deployment.account.all(SERVICE).map(({ props }) => props.desiredCount);

  before(async () => {
    deployment = await Deployment.create({ config: GIVEN_VPC });
    succeeded(await deployment.up());
  });
  after(() => deployment.close());

  it("begins to without a deployment of the service", async () => {
    const up = await change({ scaling: { minCount: 2, maxCount: 10 } });
    expect(steps(up).filter((step) => step.includes(SERVICE))).to.be.empty;
    expect(deployment.account.all(TARGET).map(({ props }) => [props.minCapacity, props.maxCapacity])).to.deep.equal([
      [2, 10],
    ]);
    expect(scaleInFunctions()).to.have.length(1);
    deployment.account.change(SERVICE, () => ({ desiredCount: SCALED }));
  });

  it("keeps the tasks that scaling has set through an update", async () => {
    const up = await change({ image: "public.ecr.aws/nginx/nginx:1.29.4" });
    expect(steps(up)).to.include(`update ${SERVICE} web`);
    expect(leastServing(up)).to.equal(SCALED);
    expect(desired()).to.deep.equal([SCALED]);
  });

  it("scales by other steps, by target tracking and by the clock, with and without the function", async () => {
    const steps = [{ metric: "cpu", atLeast: 80, forMinutes: 3, add: 2 }];
    const more = { targetTracking: [{ metric: "requestsPerTarget", target: 500 }], schedules: [AT_NIGHT] };
    const tracked = await change({ scaling: { minCount: 3, maxCount: 12, scaleOut: steps, ...more } });
    expect(leastServing(tracked)).to.equal(SCALED);
    expect(deployment.account.all("aws:appautoscaling/scheduledAction:ScheduledAction")).to.have.length(1);

    const scaleIn = [{ metric: "cpu", below: 20, remove: 1 }];
    const stepped = await change({ scaling: { minCount: 3, maxCount: 12, scaleOut: steps, scaleIn } });
    expect(leastServing(stepped)).to.equal(SCALED);
    expect(
      deployment.account.all("aws:appautoscaling/policy:Policy").map(({ props }) => props.policyType),
    ).to.deep.equal(["StepScaling", "StepScaling"]);
    expect(scaleInFunctions()).to.be.empty;
  });

  it("begins in another cluster with the number of tasks that it is given", async () => {
    const up = await change({ ...OTHER_VPC, desiredCount: SCALED });
    expect(leastServing(up)).to.equal(SCALED);
    expect(desired()).to.deep.equal([SCALED]);
    const [service] = deployment.account.all(SERVICE);
    const targets = deployment.account.all(TARGET).map(({ props }) => String(props.resourceId));
    expect(targets).to.have.length(1);
    expect(service?.id.endsWith(`:${targets[0]}`)).to.equal(true);
  });

  it("stops to with the number of tasks that it is given", async () => {
    const up = await change({ scaling: undefined });
    expect(leastServing(up)).to.equal(SCALED);
    for (const type of [TARGET, "aws:appautoscaling/policy:Policy"]) expect(deployment.account.all(type)).to.be.empty;
    succeeded(await deployment.destroy());
    expect(deployment.account.size).to.equal(0);
  });
});
