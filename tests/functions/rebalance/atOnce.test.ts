import { expect } from "chai";
import { MINUTE, NOW, S } from "../scaleIn/fakeAws";
import { FakeCluster, RAISED, schedule } from "./fakeAws";

/** Whenever a look failed at something. */
const failedMoves = (aws: FakeCluster): unknown[] =>
  aws.logs.flatMap(({ FailedMoves }) => (FailedMoves === undefined || FailedMoves === 0 ? [] : [FailedMoves]));
const lookNow = (aws: FakeCluster): string =>
  JSON.stringify({ kind: "look", until: aws.now + 5 * MINUTE, begins: true });

describe("the rebalance function, where somebody else acts at the same moment,", () => {
  it("keeps the tag of a service that begins to move again at the look that finds its rest over", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    aws.groupTags.set(RAISED, `0 0 ${new Date(NOW - 60 * S).toISOString()}`);
    await aws.handle([schedule()]);
    expect(aws.service.desiredCount).to.equal(10);
    expect(aws.groupTags.get(RAISED)).to.match(/^8 10 /);
  });

  it("raises once where two looks find the same at once, and the other says that it came too late, which is no failure", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    aws.beforeAnswer = () => Promise.resolve(void (aws.now += 10));
    await Promise.all([aws.handle([schedule()]), aws.handle([lookNow(aws)])]);
    expect(aws.called("updateService").map(({ desiredCount }) => desiredCount)).to.deep.equal([10]);
    expect(aws.decisions("raise")).to.have.lengthOf(1);
    expect(aws.decisions("wait").map(({ service, reason }) => [service, reason])).to.deep.equal([
      ["api", "another look has tagged it"],
    ]);
    expect(failedMoves(aws)).to.be.empty;
    await aws.pass(180);
    expect([aws.service.desiredCount, ...aws.counts]).to.deep.equal([8, 3, 3, 2]);
  });

  it("leaves the tag of a look that has raised the count since it read, whatever it had planned itself", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    const theirs = `8 9 ${new Date(NOW).toISOString()}`;
    aws.beforeAnswer = async (command) => {
      if (command !== "getTaskProtection") return;
      aws.groupTags.set(RAISED, theirs);
      aws.service.desiredCount = 9;
    };
    await aws.handle([schedule()]);
    expect(aws.groupTags.get(RAISED)).to.equal(theirs);
    expect(aws.service.desiredCount).to.equal(9);
    expect(failedMoves(aws)).to.be.empty;
  });

  it("raises nothing, and tags nothing, where somebody else has set the count since it read", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    aws.beforeAnswer = async (command) => {
      if (command === "getTaskProtection") aws.service.desiredCount = 10;
    };
    await aws.handle([schedule()]);
    await aws.pass(180);
    expect(aws.decisions("wait").at(-1)?.reason).to.equal("the desired count has changed");
    expect(failedMoves(aws)).to.be.empty;
    expect(aws.groupTags.get(RAISED)).to.equal(undefined);
    expect(aws.service.desiredCount).to.equal(10);
  });

  it("leaves the tag of a look that begins to move tasks as the rest is over", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    const theirs = `8 10 ${new Date(NOW).toISOString()}`;
    aws.groupTags.set(RAISED, `0 0 ${new Date(NOW - 60 * S).toISOString()}`);
    aws.now += 5 * MINUTE;
    let calls = 0;
    aws.beforeAnswer = async (command) => {
      if (command === "describeTags" && ++calls === 2) aws.groupTags.set(RAISED, theirs);
    };
    await aws.handle([schedule(aws.now)]);
    expect(aws.groupTags.get(RAISED)).to.equal(theirs);
    expect(failedMoves(aws)).to.be.empty;
  });
});
