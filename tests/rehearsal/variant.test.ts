import { expect } from "chai";
import type { Market } from "../../rehearsal/inputs/market";
import { runVariant, type VariantOptions } from "../../rehearsal/variant";
import { priceTable } from "../../rehearsal/inputs/prices";
import { DEFAULT_PROFILE } from "../../rehearsal/inputs/profile";
import { longerThanNotice } from "../../rehearsal/traffic/longerThanNotice";
import { keyOf } from "../../rehearsal/world/cloudWatch/metrics";
import { DEFAULT_FLAGS } from "../../rehearsal/world/flags";
import type { World } from "../../rehearsal/world/world";
import { HOUR, MINUTE, PLACE, SECOND, smallStack } from "../support/stage";

const QUIET: Market = { source: "none", durationMs: null, events: [] };
const LOAD = {
  source: "test",
  durationMs: HOUR,
  steps: [
    { atMs: 0, requestsPerSecond: 10 },
    { atMs: 30 * MINUTE, requestsPerSecond: 20 },
  ],
};

const run = (options: Partial<VariantOptions> = {}) =>
  runVariant({
    program: "index.ts",
    resources: smallStack(),
    place: PLACE,
    seed: 1,
    flags: DEFAULT_FLAGS,
    faults: undefined,
    profile: DEFAULT_PROFILE,
    prices: priceTable(PLACE.region),
    durationMs: HOUR,
    market: () => QUIET,
    load: LOAD,
    exact: false,
    sink: undefined,
    progress: () => undefined,
    ...options,
  });

const service = (world: World) => [...world.clusters.values()][0]!.services.get("web")!;

describe("the warm-up", () => {
  it("has the load of the beginning, so that scaling starts from there, and none of it is counted", async () => {
    const seen: (number | undefined)[] = [];
    const RequestCount = {
      namespace: "AWS/ApplicationELB",
      name: "RequestCountPerTarget",
      dimensions: { TargetGroup: "targetgroup/web/0000000000000001" },
    };
    const prepare = ({ metrics, clock }: World): void =>
      metrics.minuteEnded.subscribe((end) => {
        seen[end / MINUTE] = metrics.read(keyOf(RequestCount), "Sum", end - MINUTE, end, Infinity);
        expect(clock.now).to.equal(end);
      });
    const { result } = await run({ prepare });
    expect(seen[20]).to.be.closeTo(300, 100);
    expect(seen[30]).to.be.closeTo(300, 100);
    expect(seen[59]).to.be.closeTo(300, 100);
    expect(seen[61]).to.be.closeTo(600, 150);
    expect(result.requests.served + result.requests.failed).to.equal(30 * 60 * (10 + 20));
  });

  it("counts nothing that fails in it", async () => {
    const { result } = await run({
      profile: { ...DEFAULT_PROFILE, clientRetries: { attempts: 1, backoffSeconds: 2000, of: ["5xx"] } },
    });
    expect(result.requests.failed).to.equal(0);
    expect(result.requests.retried).to.equal(0);
  });

  it("doesn't fail a stack that is just scaling out", async () => {
    const scaleOut = (world: World): void => {
      world.clock.at(29 * MINUTE, () => [...world.clusters.values()][0]!.setDesiredCount(service(world), 9));
    };
    const { world } = await run({ prepare: scaleOut, durationMs: MINUTE });
    expect(service(world).desiredCount).to.equal(9);
  });

  it("fails a stack whose declared tasks don't fit", async () => {
    let message = "";
    await run({ resources: smallStack({ tasks: 20 }) }).catch((error: Error) => (message = error.message));
    expect(message).to.match(/3 of 20 tasks healthy 30 minutes after the deployment/);
  });
});

describe("planned deployments", () => {
  it("come at their hour, and replace every task without a failure", async () => {
    const { result, world } = await run({ deployments: [{ atHours: 0.1 }, { atHours: 0.6 }] });
    expect(result.deployments).to.deep.equal({ completed: 2, rolledBack: 0 });
    expect(result.requests.failed).to.equal(0);
    expect([...service(world).tasks].map(({ deployment }) => deployment.taskDefinition.arn)).to.satisfy(
      (arns: string[]) => arns.every((arn) => arn.endsWith(":3")),
    );
  });

  it("that fail come to nothing: the old tasks serve on", async () => {
    const { result, world } = await run({ deployments: [{ atHours: 0.1, fails: "start" }] });
    expect(result.requests.failed).to.equal(0);
    expect([...service(world).tasks].filter((task) => service(world).isHealthy(task))).to.have.lengthOf(2);
  });
});

describe("turning all instances off", () => {
  it("is at its hour, with nobody told, and the group launches as many", async () => {
    const ended: number[] = [];
    const prepare = ({ ec2, clock }: World): void => ec2.ended.subscribe(() => ended.push(clock.now));
    const { result, world } = await run({ turnedOffAtHours: [0.5], prepare });
    const shutDownAt = HOUR + 10 * SECOND;
    expect(ended).to.deep.equal([shutDownAt, shutDownAt, shutDownAt]);
    expect(result.interruptions.instancesLost).to.equal(0);
    expect(result.capacityMinutesLost.total).to.be.within(2, 5);
    expect(world.ec2.living.size).to.equal(3);
  });
});

describe("a remark", () => {
  const longRequests = { share: 0.1, minSeconds: 60, maxSeconds: 240 };

  it("says that requests outlast a notice on Spot alone, and how many", async () => {
    const { world } = await run({ durationMs: MINUTE });
    const [remark, ...others] = longerThanNotice({ ...DEFAULT_PROFILE, longRequests }, world);
    expect(others).to.deep.equal([]);
    expect(remark).to.match(/^50 % of the long requests take longer than the 120 s .*, and web runs on Spot alone: /);
  });

  it("isn't made where none does, or where on-demand capacity is there", async () => {
    const { world } = await run({ durationMs: MINUTE });
    expect(longerThanNotice(DEFAULT_PROFILE, world)).to.deep.equal([]);
    expect(longerThanNotice({ ...DEFAULT_PROFILE, longRequests: { share: 1, seconds: 10 } }, world)).to.deep.equal([]);
    const onDemand = smallStack().map((each) => {
      if (each.type !== "aws:autoscaling/group:Group") return each;
      const policy = each.inputs.mixedInstancesPolicy as Record<string, unknown>;
      const instancesDistribution = { onDemandPercentageAboveBaseCapacity: 50 };
      return { ...each, inputs: { ...each.inputs, mixedInstancesPolicy: { ...policy, instancesDistribution } } };
    });
    const mixed = await run({ resources: onDemand, durationMs: MINUTE });
    expect(longerThanNotice({ ...DEFAULT_PROFILE, longRequests }, mixed.world)).to.deep.equal([]);
  });
});
