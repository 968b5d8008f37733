import { expect } from "chai";
import { batchOf } from "../functions/scaleIn/fakeAws";
import { countsOf, groupTag, rebalanceStage, retire, surged, sweep, tagResting } from "./rebalanceStage";
import {
  changesIn,
  check,
  CLUSTER,
  desiredCount,
  marked,
  protect,
  registerAgain,
  SERVICE,
  setDesiredCount,
  stopped,
} from "./servedTasks";
import { decisionsIn, failedIn, onTheWire } from "./stage";

describe("moves that have begun, over HTTP,", () => {
  onTheWire();

  it("are gone on with by any later look, from the group's tag and the tasks' marks alone", async () => {
    const stage = await rebalanceStage();
    await surged(stage, 2, 2);
    expect(failedIn(await stage.lambda.invoke(batchOf(sweep())))).to.be.empty;
    const chosen = await marked(stage);
    expect(chosen).to.have.lengthOf(2);
    await retire(stage, ...chosen);
    expect(failedIn(await stage.lambda.invoke(batchOf(sweep())))).to.be.empty;
    expect(await countsOf(stage)).to.deep.equal([3, 3, 2]);
    expect(await desiredCount()).to.equal(8);
    expect(failedIn(await stage.lambda.invoke(batchOf(sweep())))).to.be.empty;
    expect(await groupTag(stage)).to.match(/^0 0 /);
  });

  it("leave no tag behind once the service has rested", async () => {
    const stage = await rebalanceStage();
    await tagResting(stage, -1);
    await stage.lambda.invoke(batchOf(sweep()));
    expect(changesIn(stage)).to.deep.equal(["autoscaling:DeleteTags"]);
    expect(await groupTag(stage)).to.equal(undefined);
  });

  it("end with the new tasks gone, and a day's rest, where ECS has placed them badly", async () => {
    const stage = await rebalanceStage();
    await surged(stage, 0, 1);
    await stage.lambda.invoke(batchOf(sweep()));
    const chosen = await marked(stage);
    expect(chosen).to.have.members(stage.tasks.slice(-2));
    expect(await groupTag(stage)).to.match(/^8 10 \S+ vain$/);
    await retire(stage, ...chosen);
    await stage.lambda.invoke(batchOf(check()));
    await stage.lambda.invoke(batchOf(sweep()));
    expect(await countsOf(stage)).to.deep.equal([4, 4, 0]);
    const [, , until = ""] = (await groupTag(stage))!.split(" ");
    expect(Date.parse(until) - Date.now()).to.be.above(23 * 60 * 60_000);
  });

  it("wait during a deployment: marked tasks serve again, and what is raised stays", async () => {
    const stage = await rebalanceStage();
    const { clients, lambda, scene, targetGroupArn, tasks } = stage;
    await surged(stage, 2, 2);
    await retire(stage, ...tasks.slice(0, 2));
    await clients.ecs.updateService({ cluster: CLUSTER, service: SERVICE, forceNewDeployment: true });
    const invocation = await lambda.invoke(batchOf(check()));
    expect(failedIn(invocation)).to.be.empty;
    expect(decisionsIn(invocation, "letGo")).to.have.nested.property("[0].reason", "a deployment is in progress");
    expect(await marked(stage)).to.be.empty;
    expect(await stopped(stage)).to.be.empty;
    expect(await scene.targetsOf(targetGroupArn)).to.have.lengthOf(10);
    expect(await desiredCount()).to.equal(10);
    expect(await groupTag(stage)).to.match(/^8 10 /);
  });

  it("leave a count that somebody else sets, and let go of what is marked", async () => {
    const stage = await rebalanceStage();
    const { lambda, tasks } = stage;
    await surged(stage, 2, 2);
    await retire(stage, ...tasks.slice(0, 2));
    await setDesiredCount(14);
    await lambda.invoke(batchOf(check()));
    expect(await marked(stage)).to.be.empty;
    await lambda.invoke(batchOf(sweep()));
    expect(await desiredCount()).to.equal(14);
    expect(await groupTag(stage)).to.match(/^0 0 /);
    expect(await stopped(stage)).to.be.empty;
  });

  it("leave a count that somebody else sets while tasks are stopped", async () => {
    const stage = await rebalanceStage();
    const { front, lambda, tasks } = stage;
    await surged(stage, 2, 2);
    await retire(stage, ...tasks.slice(0, 2));
    front.meanwhile("ecs:StopTask", () => setDesiredCount(14));
    expect(failedIn(await lambda.invoke(batchOf(check())))).to.be.empty;
    expect(await desiredCount()).to.equal(14);
    expect(front.calls("ecs:UpdateService")).to.be.empty;
  });

  it("stop no task that gets work while it is looked at", async () => {
    const stage = await rebalanceStage();
    const { front, lambda, tasks } = stage;
    await surged(stage, 2, 2);
    await retire(stage, ...tasks.slice(0, 2));
    front.meanwhile("ecs:GetTaskProtection", () => protect(tasks[0]!), { calls: 2 });
    expect(failedIn(await lambda.invoke(batchOf(check())))).to.be.empty;
    expect(front.calls("ecs:GetTaskProtection")).to.have.lengthOf(2);
    expect(await stopped(stage)).to.not.include(tasks[0]);
    expect(await desiredCount()).to.equal(10 - (await stopped(stage)).length);
  });

  it("keep out what ECS registers again", async () => {
    const stage = await rebalanceStage();
    const { front, lambda, scene, targetGroupArn } = stage;
    await surged(stage, 2, 2);
    await lambda.invoke(batchOf(sweep()));
    const [back] = await marked(stage);
    await registerAgain(stage, back!);
    front.forgetCalls();
    expect(failedIn(await lambda.invoke(batchOf(check())))).to.be.empty;
    expect(changesIn(stage)).to.deep.equal(["elasticloadbalancing:DeregisterTargets"]);
    expect(await scene.targetsOf(targetGroupArn)).to.not.include(back!.target);
  });
});
