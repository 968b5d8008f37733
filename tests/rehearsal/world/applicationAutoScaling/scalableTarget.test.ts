import { expect } from "chai";
import { later, MINUTE } from "../support";
import { adding, COOLDOWN, decided, scaledStage } from "./support";

describe("scalable target: its bounds", () => {
  it("move a desired count inside that lies outside", async () => {
    expect((await scaledStage({ min: 6 })).service.desiredCount).to.equal(6);
    expect((await scaledStage({ max: 3 })).service.desiredCount).to.equal(3);
    expect((await scaledStage()).service.desiredCount).to.equal(4);
  });

  it("hold against any policy", async () => {
    expect(await decided(await scaledStage({ max: 5 }), adding(10))).to.equal(5);
    expect(await decided(await scaledStage({ min: 3 }), adding(-10))).to.equal(3);
  });

  it("never make a policy that scales out scale in, where somebody else went above the maximum", async () => {
    const stage = await scaledStage({ max: 5 });
    stage.cluster.setDesiredCount(stage.service, 8);
    expect(await decided(stage, adding(1))).to.equal(8);
  });

  it("are changed by a schedule, at once and whatever cooldown there is", async () => {
    const stage = await scaledStage();
    await decided(stage, adding(2));
    stage.target.setBounds({ minCapacity: 10 }, "morning");
    expect([stage.service.desiredCount, stage.target.maxCapacity]).to.deep.equal([10, 20]);
    stage.target.setBounds({ minCapacity: 1, maxCapacity: 3 }, "evening");
    expect(stage.service.desiredCount).to.equal(3);
  });

  it("log every change, and tell of it", async () => {
    const stage = await scaledStage();
    const told: string[] = [];
    stage.target.scaled.subscribe(({ from, to, by }) => told.push(`${from} → ${to} by ${by}`));
    await decided(stage, adding(2, "cpu"));
    expect(told).to.deep.equal(["4 → 6 by cpu"]);
    expect(stage.of("autoscaling.DesiredCount").at(-1)).to.include({ service: "web", from: 4, to: 6, by: "cpu" });
  });
});

describe("scalable target: cooldowns", () => {
  it("count what was added as there: the same step adds nothing, a bigger one the difference", async () => {
    const stage = await scaledStage();
    expect(await decided(stage, adding(2))).to.equal(6);
    await later(stage.world, MINUTE);
    expect(await decided(stage, adding(2))).to.equal(6);
    expect(await decided(stage, adding(3))).to.equal(7);
    expect(await decided(stage, adding(3))).to.equal(7);
  });

  it("end: then the same step adds again", async () => {
    const stage = await scaledStage();
    await decided(stage, adding(2));
    await later(stage.world, COOLDOWN);
    expect(await decided(stage, adding(2))).to.equal(8);
  });

  it("block scaling in, after a scale-in and after a scale-out", async () => {
    const stage = await scaledStage();
    expect(await decided(stage, adding(-1))).to.equal(3);
    await later(stage.world, COOLDOWN - MINUTE);
    expect(await decided(stage, adding(-1))).to.equal(3);
    await later(stage.world, MINUTE);
    expect(await decided(stage, adding(-1))).to.equal(2);
    expect(await decided(stage, adding(4))).to.equal(6);
    await later(stage.world, COOLDOWN - MINUTE);
    expect(await decided(stage, adding(-1))).to.equal(6);
  });

  it("of a scale-in end with a scale-out, which they don't delay", async () => {
    const stage = await scaledStage();
    await decided(stage, adding(-1, "in", { scaleInCooldownMs: 60 * MINUTE }));
    expect(await decided(stage, adding(2))).to.equal(5);
    await later(stage.world, COOLDOWN);
    expect(await decided(stage, adding(-1))).to.equal(4);
  });
});

describe("scalable target: several policies", () => {
  it("scale out to the largest of what they want, in whatever order they come", async () => {
    expect(await decided(await scaledStage(), adding(1), adding(3), adding(2))).to.equal(7);
    expect(await decided(await scaledStage(), adding(3), adding(-2))).to.equal(7);
    expect(await decided(await scaledStage(), adding(-2), adding(3))).to.equal(7);
  });

  it("scale in to the largest too, and not at all where one of them would stay", async () => {
    expect(await decided(await scaledStage(), adding(-2), adding(-1))).to.equal(3);
    expect(await decided(await scaledStage(), adding(-2), adding(0))).to.equal(4);
  });

  it("that track a target scale in only where all of them would", async () => {
    const tracking = { isTracking: true };
    const stage = await scaledStage();
    for (const name of ["cpu", "memory"]) stage.target.trackingIn.add(name);
    expect(await decided(stage, adding(-1, "cpu", tracking))).to.equal(4);
    expect(await decided(stage, adding(-1, "cpu", tracking), adding(-2, "memory", tracking))).to.equal(3);
  });

  it("by steps scale in without asking those that track a target", async () => {
    const stage = await scaledStage();
    stage.target.trackingIn.add("cpu");
    expect(await decided(stage, adding(-1, "steps"))).to.equal(3);
  });
});

describe("scalable target: suspended", () => {
  it("in one direction, or for schedules, leaves the others", async () => {
    const noIn = await scaledStage({ suspended: { scaleIn: true } });
    expect([await decided(noIn, adding(-1)), await decided(noIn, adding(1))]).to.deep.equal([4, 5]);
    const noOut = await scaledStage({ suspended: { scaleOut: true } });
    expect([await decided(noOut, adding(1), adding(-1)), await decided(noOut, adding(-1))]).to.deep.equal([4, 3]);
    const noSchedules = await scaledStage({ suspended: { schedules: true } });
    noSchedules.target.setBounds({ minCapacity: 9 }, "morning");
    expect([noSchedules.service.desiredCount, await decided(noSchedules, adding(1))]).to.deep.equal([4, 5]);
  });
});

describe("scalable target: deployments", () => {
  it("stop scaling in, and not scaling out, until they are over", async () => {
    const stage = await scaledStage();
    stage.cluster.forceNewDeployment(stage.service);
    expect(stage.service.deploymentInProgress).to.equal(true);
    expect(await decided(stage, adding(-1))).to.equal(4);
    expect(await decided(stage, adding(1))).to.equal(5);
    await later(stage.world, 30 * MINUTE);
    expect(stage.service.deploymentInProgress).to.equal(false);
    expect(await decided(stage, adding(-1))).to.equal(4);
  });
});
