import path from "node:path";
import { expect } from "chai";
import { Deployment } from "./support/deployment";
import { changes, steps, succeeded } from "./support/outcomes";

describe("a refresh", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await Deployment.create({ program: path.join(__dirname, "programs/scaledService.ts") });
    succeeded(await deployment.up());
  });
  after(() => deployment.close());

  it("finds no drift in what AWS does by itself: the desired count, the desired capacity, the tag of a managed group", async () => {
    const { account } = deployment;
    account.change("aws:ecs/service:Service", () => ({ desiredCount: 11 }));
    account.change("aws:autoscaling/group:Group", () => ({ desiredCapacity: 9 }));
    const [group] = account.all("aws:autoscaling/group:Group");
    expect(group?.props.tags).to.deep.include({ key: "AmazonECSManaged", value: "true", propagateAtLaunch: true });

    expect(changes(succeeded(await deployment.refresh()))).to.deep.equal({});
    expect(changes(succeeded(await deployment.preview()))).to.deep.equal({});
  });

  it("and an update for another reason puts none of it back", async () => {
    deployment.configure({ image: "public.ecr.aws/nginx/nginx:1.29.4" });
    succeeded(await deployment.up());
    const [service] = deployment.account.all("aws:ecs/service:Service");
    const [group] = deployment.account.all("aws:autoscaling/group:Group");
    expect(service?.props.desiredCount).to.equal(11);
    expect(group?.props.desiredCapacity).to.equal(9);
  });

  it("leaves a group the tags in which functions keep what they do, and an update brings it those that change", async () => {
    const GROUP = "aws:autoscaling/group:Group";
    const ours = { key: "spotproof:fallback", value: "2 2026-01-01T00:00:00Z", propagateAtLaunch: false };
    deployment.account.change(GROUP, ({ tags }) => ({ tags: [...(tags as object[]), ours] }));
    succeeded(await deployment.refresh());
    expect(changes(succeeded(await deployment.preview()))).to.deep.equal({});

    deployment.configure({ tags: { team: "shop" } });
    expect(steps(succeeded(await deployment.up()))).to.include("create aws:autoscaling/tag:Tag shop-group-tag-team");
    const tags = deployment.account.all(GROUP)[0]?.props.tags;
    expect(tags).to.deep.include(ours);
    expect(tags).to.deep.include({ key: "team", value: "shop", propagateAtLaunch: true });
  });

  it("finds what somebody changed by hand, and the next update puts it back", async () => {
    deployment.account.change("aws:lb/targetGroup:TargetGroup", () => ({ deregistrationDelay: 300 }));
    expect(changes(succeeded(await deployment.refresh()))).to.deep.equal({ update: 1 });
    expect(steps(succeeded(await deployment.up()))).to.deep.equal([
      "update aws:lb/targetGroup:TargetGroup api-targets",
    ]);
    expect(deployment.account.all("aws:lb/targetGroup:TargetGroup")[0]?.props.deregistrationDelay).to.equal(45);
  });

  it("finds what somebody deleted, and the next update makes it again", async () => {
    const [rule] = deployment.account.all("aws:cloudwatch/eventTarget:EventTarget");
    deployment.account.delete("aws:cloudwatch/eventTarget:EventTarget", rule!.id);
    expect(changes(succeeded(await deployment.refresh()))).to.deep.equal({ delete: 1 });
    expect(changes(succeeded(await deployment.up()))).to.deep.equal({ create: 1 });
  });
});
