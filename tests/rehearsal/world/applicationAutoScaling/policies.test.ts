import { expect } from "chai";
import { StepScaling, type StepScalingSpec } from "../../../../rehearsal/world/applicationAutoScaling/stepScaling";
import {
  TargetTracking,
  trackedIn,
  trackedOut,
  type TargetTrackingSpec,
} from "../../../../rehearsal/world/applicationAutoScaling/targetTracking";
import { Alarm } from "../../../../rehearsal/world/cloudWatch/alarm";
import type { Metric } from "../../../../rehearsal/world/cloudWatch/metric";
import type { Flags } from "../../../../rehearsal/world/flags";
import { alarmSpec, LOAD } from "../cloudWatch/support";
import { arn, later, MINUTE } from "../support";
import { COOLDOWN, scaledStage, type ScaledStage } from "./support";

const STEPS: StepScalingSpec = {
  name: "steps",
  arn: arn("autoscaling", "scalingPolicy:steps"),
  adjustmentType: "ChangeInCapacity",
  minAdjustmentMagnitude: 0,
  cooldownMs: COOLDOWN,
  aggregation: "Average",
  steps: [
    { lower: 0, upper: 20, adjustment: 1 },
    { lower: 20, upper: Infinity, adjustment: 3 },
  ],
};

/** The desired count after an alarm at 50 called the policy with these datapoints. */
async function stepped(values: readonly number[], spec: Partial<StepScalingSpec> = {}): Promise<number> {
  const stage = await scaledStage();
  const { world } = stage;
  const surroundings = { context: world.context, metrics: world.metrics, bus: world.bus, actionOf: () => undefined };
  new StepScaling({ ...STEPS, ...spec }, stage.target).onAlarm(new Alarm(alarmSpec(), surroundings), values);
  await later(world, 1);
  return stage.service.desiredCount;
}

describe("step scaling policy", () => {
  it("goes by how far the metric is beyond the threshold", async () => {
    expect([await stepped([55]), await stepped([69.9]), await stepped([70])]).to.deep.equal([5, 5, 7]);
  });

  it("makes one of the datapoints that the alarm counted, as its aggregation says", async () => {
    const [average, least, most] = [
      await stepped([55, 90]),
      await stepped([55, 90], { aggregation: "Minimum" }),
      await stepped([55, 80], { aggregation: "Maximum" }),
    ];
    expect([average, least, most]).to.deep.equal([7, 5, 7]);
    expect(await stepped([51, 80])).to.equal(5);
  });

  it("does nothing where there is no datapoint, or no step for it", async () => {
    expect([await stepped([]), await stepped([40])]).to.deep.equal([4, 4]);
  });
});

const TRACKING: TargetTrackingSpec = {
  name: "tracking",
  arn: arn("autoscaling", "scalingPolicy:tracking"),
  observed: { metric: LOAD, statistic: "Average" },
  targetValue: 50,
  scaleOutCooldownMs: COOLDOWN,
  scaleInCooldownMs: COOLDOWN,
  disableScaleIn: false,
  isFed: true,
};

function track(stage: ScaledStage, spec: Partial<TargetTrackingSpec> = {}): void {
  const policy = new TargetTracking({ ...TRACKING, ...spec }, stage.target, stage.world.options.flags);
  stage.world.scalingPolicies.set(policy.spec.arn, policy);
  for (const alarm of policy.alarms((name) => name)) stage.world.alarms.add(alarm);
}

/** The load of each task, where all tasks share so much; nothing where it is undefined. */
function loaded(stage: ScaledStage, load: () => number | undefined, metric: Metric = LOAD): void {
  stage.world.metrics.addSource(() => {
    const whole = load();
    return whole === undefined ? [] : [{ ...metric, value: whole / stage.service.desiredCount }];
  });
}

const minutesUntilChange = async ({ world, service }: ScaledStage): Promise<number> => {
  const from = { count: service.desiredCount, at: world.clock.now };
  while (service.desiredCount === from.count) await later(world, MINUTE);
  return (world.clock.now - from.at) / MINUTE;
};

describe("target tracking policy", () => {
  it("scales out after three minutes above the target, to what brings the metric back", async () => {
    const stage = await scaledStage();
    track(stage);
    let load = 160;
    loaded(stage, () => load);
    await later(stage.world, 20 * MINUTE);
    expect(stage.service.desiredCount).to.equal(4);
    load = 500;
    expect(await minutesUntilChange(stage)).to.be.within(3, 5);
    expect(stage.service.desiredCount).to.equal(10);
  });

  it("scales in after fifteen minutes below nine tenths of it, and not above", async () => {
    const stage = await scaledStage();
    track(stage);
    let load = 4 * 46;
    loaded(stage, () => load);
    await later(stage.world, 40 * MINUTE);
    expect(stage.service.desiredCount).to.equal(4);
    load = 4 * 25;
    expect(await minutesUntilChange(stage)).to.be.within(15, 17);
    expect(stage.service.desiredCount).to.equal(2);
  });

  it("takes a service out of zero tasks only where the flag says so", async () => {
    const counts: number[] = [];
    for (const targetTrackingFromZero of [false, true]) {
      const stage = await scaledStage({ min: 0, desiredCount: 0, flags: { targetTrackingFromZero } });
      track(stage);
      stage.world.metrics.addSource(() => [{ ...LOAD, value: 500 }]);
      await later(stage.world, 5 * MINUTE);
      counts.push(stage.service.desiredCount);
    }
    expect(counts).to.deep.equal([0, 1]);
  });

  it("doesn't scale without data", async () => {
    const stage = await scaledStage();
    track(stage);
    loaded(stage, () => undefined);
    await later(stage.world, 60 * MINUTE);
    expect(stage.service.desiredCount).to.equal(4);
  });

  it("has no alarm for scaling in where that is disabled, and doesn't stop others", async () => {
    const stage = await scaledStage();
    track(stage, { disableScaleIn: true });
    track(stage, { name: "other", arn: "other" });
    loaded(stage, () => 4 * 10);
    await later(stage.world, 20 * MINUTE);
    expect(stage.service.desiredCount).to.equal(2);
    expect([...stage.world.alarms.byName.keys()].filter((name) => name.includes("AlarmLow"))).to.have.length(1);
  });

  it("scales in only where every policy would, and out where one would", async () => {
    const stage = await scaledStage();
    const memory = { ...LOAD, name: "Memory" };
    track(stage);
    track(stage, { name: "memory", arn: "memory", observed: { metric: memory, statistic: "Average" } });
    loaded(stage, () => 4 * 10);
    let held = 4 * 48;
    loaded(stage, () => held, memory);
    await later(stage.world, 40 * MINUTE);
    expect(stage.service.desiredCount).to.equal(4);
    held = 4 * 100;
    await later(stage.world, 6 * MINUTE);
    expect(stage.service.desiredCount).to.equal(8);
  });

  it("adds one task at least, and takes as many as are too many, or one: nobody says which", () => {
    expect([trackedOut(4, 51, 50), trackedOut(4, 100, 50), trackedOut(0, 100, 50)]).to.deep.equal([5, 8, 1]);
    const fewer = (how: Flags["targetTrackingScaleIn"]) => [trackedIn(8, 20, 50, how), trackedIn(8, 44, 50, how)];
    expect([fewer("proportional"), fewer("oneTask")]).to.deep.equal([
      [4, 8],
      [7, 8],
    ]);
  });
});
