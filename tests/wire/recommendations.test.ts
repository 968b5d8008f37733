import { expect } from "chai";
import { actionsCalled } from "../callback/emittedText";
import { batchOf, check, notice, recommendation, sweep } from "../functions/drain/fakeAws";
import { drainStage } from "./drainStage";
import { decisionsIn, failedIn, onTheWire, without, type Stage } from "./stage";

const MINUTE = 60_000;
const HINT = { cluster: { rebalanceRecommendations: "hint", recommendationMinutes: 10 } } as const;

/** Recommended so many minutes ago. */
const hinted = (id: string, minutesAgo = 1): string => recommendation(id, Date.now() - minutesAgo * MINUTE);

async function send({ lambda }: Stage, ...bodies: string[]) {
  const invocation = await lambda.invoke(batchOf(...bodies));
  expect(failedIn(invocation)).to.be.empty;
  expect(decisionsIn(invocation, "failed")).to.be.empty;
  return invocation;
}

const look = (stage: Stage) => send(stage, sweep(Date.now()));

describe("a recommendation, over HTTP", () => {
  onTheWire();

  it("detaches its instance, which serves on until the group has another, and goes then", async () => {
    const stage = await drainStage(HINT);
    const { scene } = stage;
    const [going = ""] = scene.instanceIds;
    await send(stage, hinted(going));
    expect(await scene.members()).to.include(going);
    await look(stage);
    const members = await scene.members();
    expect(members).to.have.lengthOf(3).and.not.include(going);
    expect(decisionsIn(await look(stage), "wait")).to.have.nested.property(
      "[0].reason",
      "its replacement is not ACTIVE yet",
    );
    expect(await scene.statusOf(going)).to.equal("ACTIVE");
    await scene.join(members.find((id) => !scene.instanceIds.includes(id))!);
    await look(stage);
    expect(await scene.statusOf(going)).to.equal("DRAINING");
    await look(stage);
    expect(await scene.instanceState(going)).to.be.oneOf(["shutting-down", "terminated"]);
  });

  it("that nothing came of puts its instance back into the group", async () => {
    const stage = await drainStage(HINT);
    const { scene, clients } = stage;
    const [back = ""] = scene.instanceIds;
    await send(stage, hinted(back));
    await look(stage);
    // The tag says when: it is as if so much time had gone by.
    await clients.ecs.tagResource({
      resourceArn: scene.containerInstanceOf(back),
      tags: [{ key: "spotproof:recommendation", value: new Date(Date.now() - 11 * MINUTE).toISOString() }],
    });
    await look(stage);
    expect(await scene.members()).to.include(back);
    expect(decisionsIn(await look(stage), "unmark")).to.have.nested.property("[0].inVain", true);
    expect(decisionsIn(await look(stage), "unmark")).to.be.empty;
  });

  it("is taken over by a notice", async () => {
    const stage = await drainStage(HINT);
    const { scene, front } = stage;
    const [going = ""] = scene.instanceIds;
    await send(stage, hinted(going));
    await look(stage);
    front.forgetCalls();
    await send(stage, notice(going, Date.now()));
    expect(await scene.statusOf(going)).to.equal("DRAINING");
    expect(front.calls("ecs:UntagResource")).to.have.lengthOf(1);
    expect(front.calls("autoscaling:DetachInstances")).to.be.empty;
  });

  it("asks for no more than its role allows, which is what the function's text calls", async () => {
    const stage = await drainStage({ ...HINT, instances: 4 });
    const { scene, front, deployed, clients } = stage;
    const targetGroupArn = await scene.createService("web");
    for (const id of scene.instanceIds) await scene.place("web", id, 32768, targetGroupArn);
    const [back = "", going = ""] = scene.instanceIds;
    const noticedAt = Date.now();
    await send(stage, hinted(back));
    await look(stage);
    const tags = [{ key: "spotproof:recommendation", value: "2026-01-01T00:00:00Z" }];
    await clients.ecs.tagResource({ resourceArn: scene.containerInstanceOf(back), tags });
    await clients.autoScaling.updateAutoScalingGroup({ AutoScalingGroupName: "shop-group", MaxSize: 20 });
    await look(stage);
    await send(stage, notice(going, noticedAt));
    await send(stage, check(going, noticedAt + 120_000));
    const seen = [...new Set(front.calls().map((call) => call.action))];
    const unseen = ["ec2:TerminateInstances", "autoscaling:SetDesiredCapacity"];
    const expected = actionsCalled(deployed.files["__index.js"]!).filter((action) => !unseen.includes(action));
    expect(seen).to.include.members(expected);
  });

  it("that can't be noted comes back", async () => {
    const stage = await drainStage(HINT);
    const { scene, front, lambda } = stage;
    front.role = without(front.role, "ecs:TagResource");
    const invocation = await lambda.invoke(batchOf(hinted(scene.instanceIds[0]!)));
    expect(failedIn(invocation)).to.deep.equal(["m0"]);
    expect(invocation.lines.join()).to.include("AccessDenied");
  });
});
