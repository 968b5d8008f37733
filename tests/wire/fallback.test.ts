import { expect } from "chai";
import { actionsCalled } from "../callback/emittedText";
import { batchOf } from "../functions/drain/fakeAws";
import { sweep } from "../functions/fallback/livingGroup";
import { fallbackStage, groupNow } from "./fallbackStage";
import { decisionsIn, failedIn, onTheWire, without, type Stage } from "./stage";

const LONG_AGO = "2026-01-01T00:00:00.000Z";
const MARK = `2 ${LONG_AGO} wait=10 until=${LONG_AGO}`;

async function look({ lambda }: Stage): Promise<void> {
  const invocation = await lambda.invoke(batchOf(sweep(Date.now())));
  expect(failedIn(invocation)).to.be.empty;
  expect(decisionsIn(invocation, "failed")).to.be.empty;
}

describe("a return to Spot, over HTTP,", () => {
  onTheWire();

  it("takes an instance out, drains it once its replacement has joined, ends it, and takes the mark off", async () => {
    const stage = await fallbackStage({}, 2, MARK);
    const { scene } = stage;
    await look(stage);
    const { distribution, mark } = await groupNow(stage);
    expect(distribution).to.include({
      OnDemandBaseCapacity: 1,
      OnDemandPercentageAboveBaseCapacity: 0,
      SpotAllocationStrategy: "price-capacity-optimized",
    });
    const [, gone = ""] = /detached=(\S+)/.exec(mark ?? "") ?? [];
    expect(scene.instanceIds).to.include(gone);
    expect(await scene.members())
      .to.have.lengthOf(2)
      .and.not.include(gone);
    expect(await scene.statusOf(gone)).to.equal("ACTIVE");
    const [replacement = ""] = (await scene.members()).filter((id) => !scene.instanceIds.includes(id));
    await look(stage);
    expect(await scene.statusOf(gone)).to.equal("ACTIVE");
    await scene.join(replacement);
    await look(stage);
    expect(await scene.statusOf(gone)).to.equal("DRAINING");
    await look(stage);
    expect(await scene.instanceState(gone)).to.equal("terminated");
    await look(stage);
    expect((await groupNow(stage)).mark)
      .to.match(/^1 /)
      .and.not.include("detached");
  });

  it("ends with the declared base and no mark, by calls that the role allows, each of them", async () => {
    const declared = await fallbackStage({ onDemandBaseCapacity: 2 }, 3, MARK);
    await look(declared);
    const { distribution, mark } = await groupNow(declared);
    expect(distribution).to.include({ OnDemandBaseCapacity: 2 });
    expect(mark).to.equal(undefined);
    const actions = actionsCalled(declared.deployed.files["__index.js"]!);
    const called = new Set(declared.front.calls().map((call) => call.action));
    for (const action of called) expect(actions).to.include(action);
    expect(called).to.include("autoscaling:DeleteTags");
  });

  it("says what it may not do, and the messages come back", async () => {
    const stage = await fallbackStage({}, 2, MARK);
    stage.front.role = without(stage.deployed.statements, "autoscaling:DetachInstances");
    const invocation = await stage.lambda.invoke(batchOf(sweep(Date.now())));
    expect(failedIn(invocation)).to.deep.equal(["m0"]);
    const [failed] = decisionsIn(invocation, "failed");
    expect(failed).to.include({ action: "detach" });
    stage.front.role = stage.deployed.statements;
    await look(stage);
    expect(await stage.scene.members())
      .to.have.lengthOf(2)
      .and.not.have.members(stage.scene.instanceIds);
  });
});
