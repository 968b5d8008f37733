import { expect } from "chai";
import { handleDrain } from "../../../../functions/drain/handler";
import type { DrainSettings } from "../../../../functions/drain/settings";
import { FALLBACK_TAG, RECOMMENDATION_TAG } from "../../../../functions/tags";
import type { FakeAws } from "../fakeAws";
import { awsError, batchOf, idOf, NOW, notice, recommendation, SETTINGS, sweep, threeInstances } from "../fakeAws";

const HINT = { ...SETTINGS, recommendations: "hint", recommendationMinutes: 60 } as const;
const [A, B, C] = [idOf(1), idOf(2), idOf(3)];
const MINUTE = 60_000;

async function handle(aws: FakeAws, bodies: readonly string[], settings: DrainSettings = HINT): Promise<string[]> {
  const { batchItemFailures } = await handleDrain(batchOf(...bodies), settings, aws.ports(), 25_000);
  return batchItemFailures.map((failure) => failure.itemIdentifier);
}

/** The sweep's next look. */
async function look(aws: FakeAws): Promise<string[]> {
  aws.now += MINUTE;
  return handle(aws, [sweep(aws.now)]);
}
const tagOf = (aws: FakeAws, id: string): string | undefined => aws.instances.get(id)!.tags.get(RECOMMENDATION_TAG);
const statusOf = (aws: FakeAws, id: string): string => aws.instances.get(id)!.status;

/** The instance that the group launches in the place of a detached one joins the cluster. */
function launch(aws: FakeAws, id: string): void {
  aws.join(id);
  aws.sizes.DesiredCapacity--;
}

describe("recommendations as hints", () => {
  it("are noted on the instance, once for an event that comes twice", async () => {
    const aws = threeInstances();
    expect(await handle(aws, [recommendation(A), recommendation(A)])).to.be.empty;
    expect(tagOf(aws, A)).to.equal("2026-01-01T00:00:00.000Z");
    expect(aws.called("tagResource")).to.have.length(1);
    expect([statusOf(aws, A), aws.group.has(A)]).to.deep.equal(["ACTIVE", true]);
  });

  it("keep the moment of the recommendation, even of one that comes late", async () => {
    const aws = threeInstances();
    aws.now += 10 * MINUTE;
    await handle(aws, [recommendation(A, NOW)]);
    expect(tagOf(aws, A)).to.equal(new Date(NOW).toISOString());
  });

  it("replace an instance step by step: detached, drained once its replacement is ACTIVE, ended when it is empty", async () => {
    const aws = threeInstances();
    await handle(aws, [recommendation(A)]);
    expect(await look(aws)).to.be.empty;
    expect([statusOf(aws, A), aws.group.has(A)]).to.deep.equal(["ACTIVE", false]);
    await look(aws);
    expect(statusOf(aws, A)).to.equal("ACTIVE");
    launch(aws, idOf(4));
    await look(aws);
    expect(statusOf(aws, A)).to.equal("DRAINING");
    expect(aws.called("deregisterTargets")).to.be.empty;
    expect(aws.called("stopTask")).to.be.empty;
    await look(aws);
    expect(aws.called("terminateInstances")).to.be.empty;
    aws.instances.get(A)!.tasks[0]!.lastStatus = "STOPPED";
    await look(aws);
    expect(aws.called("terminateInstances")).to.deep.equal([{ InstanceIds: [A] }]);
  });

  it("put an instance back that nothing happens to", async () => {
    const aws = threeInstances();
    await handle(aws, [recommendation(A)]);
    await look(aws);
    launch(aws, idOf(4));
    await look(aws);
    aws.now += 61 * MINUTE;
    await look(aws);
    expect(statusOf(aws, A)).to.equal("ACTIVE");
    await look(aws);
    expect([aws.group.has(A), aws.sizes.DesiredCapacity]).to.deep.equal([true, 4]);
    await look(aws);
    expect(tagOf(aws, A)).to.equal(undefined);
    const done = aws.calls.length;
    await look(aws);
    expect(aws.calls.slice(done).map(({ command }) => command)).to.not.include.members([
      "tagResource",
      "attachInstances",
    ]);
  });

  it("give the place of a replacement that never came to the instance itself", async () => {
    const aws = threeInstances();
    await handle(aws, [recommendation(A)]);
    await look(aws);
    aws.now += 61 * MINUTE;
    await look(aws);
    expect(aws.called("setDesiredCapacity")).to.deep.equal([
      { AutoScalingGroupName: SETTINGS.autoScalingGroupName, DesiredCapacity: 2 },
    ]);
    expect([aws.group.has(A), aws.sizes.DesiredCapacity]).to.deep.equal([true, 3]);
  });

  it("go over into an interruption at its notice, without a second replacement", async () => {
    const aws = threeInstances();
    await handle(aws, [recommendation(A)]);
    await look(aws);
    const detached = aws.called("detachInstances").length;
    await handle(aws, [notice(A)]);
    expect([statusOf(aws, A), tagOf(aws, A)]).to.deep.equal(["DRAINING", undefined]);
    expect(aws.called("detachInstances")).to.have.length(detached);
    aws.now += 61 * MINUTE;
    await look(aws);
    expect(statusOf(aws, A)).to.equal("DRAINING");
  });

  it("take no instance out while a service is short, the instances are refreshed, or on-demand capacity stands in", async () => {
    const disturbances: readonly ((aws: FakeAws) => void)[] = [
      (aws) => aws.desiredCounts.set("web", 4),
      (aws) => (aws.refreshStatus = "InProgress"),
      (aws) => aws.groupTags.set(FALLBACK_TAG, "1 2026-01-01T00:00:00Z"),
      (aws) => (aws.instances.get(B)!.status = "DRAINING"),
    ];
    for (const disturb of disturbances) {
      const aws = threeInstances();
      await handle(aws, [recommendation(A)]);
      disturb(aws);
      await look(aws);
      expect(aws.called("detachInstances")).to.be.empty;
      expect(aws.decisions("wait")).to.have.length(1);
    }
  });

  it("cost the sweep three calls while there is none", async () => {
    const aws = threeInstances();
    await look(aws);
    const mine = ["listContainerInstances", "describeContainerInstances", "describeAutoScalingGroups"];
    expect(aws.calls.slice(0, 3).map(({ command }) => command)).to.have.members(mine);
  });

  it("are counted", async () => {
    const aws = threeInstances();
    await handle(aws, [recommendation(A)]);
    await look(aws);
    const records = aws.logs.filter((record) => "Recommendations" in record);
    expect(records.map(({ Recommendations, HintsTakenUp }) => [Recommendations, HintsTakenUp])).to.deep.equal([
      [1, 0],
      [0, 1],
    ]);
  });

  it("come back where they could not be noted, and are ignored for instances of others", async () => {
    const aws = threeInstances();
    aws.fails = (command) => (command === "tagResource" ? awsError("AccessDeniedException") : undefined);
    expect(await handle(aws, [recommendation(A), recommendation(idOf(99))])).to.deep.equal(["m0"]);
    expect(aws.decisions("ignored").map(({ instanceId }) => instanceId)).to.deep.equal([idOf(99)]);
  });

  it("don't hold up the sweep where they can't be read", async () => {
    const aws = threeInstances();
    aws.group.set(A, "Terminating:Wait");
    aws.fails = (command, input) =>
      command === "describeContainerInstances" && input.include !== undefined
        ? awsError("AccessDeniedException")
        : undefined;
    expect(await look(aws)).to.be.empty;
    expect(statusOf(aws, A)).to.equal("DRAINING");
    expect(aws.decisions("failed")[0]).to.include({ reason: "the next sweep looks at the recommendations" });
  });
});

describe("recommendations that are no hints any more", () => {
  it("leave no instance outside its group: the first sweep of the hour drains it", async () => {
    const aws = threeInstances();
    await handle(aws, [recommendation(A), recommendation(B)]);
    await look(aws);
    const settings = { ...SETTINGS, recommendations: "ignore" } as const;
    await handle(aws, [sweep(aws.now)], settings);
    expect(statusOf(aws, A)).to.equal("ACTIVE");
    aws.now = NOW + 60 * MINUTE;
    await handle(aws, [sweep(aws.now)], settings);
    expect([A, B, C].map((id) => statusOf(aws, id))).to.deep.equal(["DRAINING", "ACTIVE", "ACTIVE"]);
    expect(aws.calls.map(({ command }) => command)).to.not.include.oneOf(["attachInstances", "untagResource"]);
  });

  it("are left to the group where it replaces by itself", async () => {
    const aws = threeInstances();
    aws.instances.get(A)!.tags.set(RECOMMENDATION_TAG, new Date(NOW).toISOString());
    aws.group.delete(A);
    await handle(aws, [sweep()], { ...SETTINGS, replacement: "capacityRebalancing" });
    expect(statusOf(aws, A)).to.equal("ACTIVE");
  });
});

describe("recommendations as good as notices", () => {
  it("drain and detach at once, whatever else drains, and leave the targets to ECS", async () => {
    const aws = threeInstances();
    const settings = { ...SETTINGS, recommendations: "drain" } as const;
    const { batchItemFailures } = await handleDrain(
      batchOf(recommendation(A), recommendation(B)),
      settings,
      aws.ports(),
      25_000,
    );
    expect(batchItemFailures).to.be.empty;
    expect([A, B].map((id) => [statusOf(aws, id), aws.group.has(id)])).to.deep.equal([
      ["DRAINING", false],
      ["DRAINING", false],
    ]);
    expect([...aws.called("deregisterTargets"), ...aws.called("stopTask"), ...aws.called("tagResource")]).to.be.empty;
  });
});
