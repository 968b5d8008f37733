import { expect } from "chai";
import type { ContainerProfile } from "../../../rehearsal/inputs/profile";
import type { Traffic } from "../../../rehearsal/traffic/traffic";
import type { MetricDatum } from "../../../rehearsal/world/cloudWatch/metric";
import { keyOf, type Statistic } from "../../../rehearsal/world/cloudWatch/metrics";
import { MINUTE, SECOND, Stage, type TrafficShape } from "../../support/stage";

const BALANCER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/0000000000000001";
const TargetGroup = "targetgroup/web/0000000000000001";
const LoadBalancer = "app/shop/0000000000000001";
const OF_SERVICE = { ClusterName: "shop", ServiceName: "web" };

interface Scene {
  readonly stage: Stage;
  readonly traffic: Traffic;
  /** What was told of the minute that began so many minutes ago, at the last full minute. */
  readonly read: (metric: Omit<MetricDatum, "value">, statistic: Statistic) => number | undefined;
}

async function watch(profile: Partial<ContainerProfile>, shape: Partial<TrafficShape>): Promise<Scene> {
  const stage = await Stage.set({ profile });
  const { world } = stage;
  world.loadBalancers.set(stage.targetGroup.spec.arn, BALANCER);
  const traffic = stage.send(shape);
  world.metrics.addSource(() => traffic.observe());
  const read: Scene["read"] = (metric, statistic) => {
    const end = Math.floor((world.clock.now - 1) / MINUTE) * MINUTE;
    return world.metrics.read(keyOf(metric), statistic, end - MINUTE, end, Infinity);
  };
  return { stage, traffic, read };
}

const balancer = (name: string, dimensions: Record<string, string> = { TargetGroup, LoadBalancer }) => ({
  namespace: "AWS/ApplicationELB",
  name,
  dimensions,
});
const ofService = (name: string) => ({ namespace: "AWS/ECS", name, dimensions: OF_SERVICE });

describe("CloudWatch is told every minute", () => {
  for (const exact of [false, true]) {
    it(`how many requests came, and how many to each target${exact ? ", in the exact mode" : ""}`, async () => {
      const { stage, read } = await watch({}, { requestsPerSecond: 100, exact });
      await stage.run(2 * MINUTE + 1);
      const count = read(balancer("RequestCount"), "Sum")!;
      expect(count).to.be.closeTo(6000, 400);
      expect(Number.isInteger(count)).to.equal(true);
      expect(read(balancer("RequestCountPerTarget"), "Sum")).to.be.closeTo(count / 2, 1e-6);
      expect(read(balancer("RequestCountPerTarget", { TargetGroup }), "Sum")).to.be.closeTo(count / 2, 1e-6);
      expect(read(balancer("HealthyHostCount"), "Average")).to.equal(2);
      expect(read(balancer("HTTPCode_Target_5XX_Count"), "Sum")).to.equal(undefined);
    });

    it(`what targets refuse${exact ? ", in the exact mode" : ""}`, async () => {
      const { stage, read } = await watch({ concurrency: 10 }, { requestsPerSecond: 200, exact });
      await stage.run(2 * MINUTE + 1);
      expect(read(balancer("HTTPCode_Target_5XX_Count"), "Sum")).to.be.closeTo(6000, 500);
      expect(read(balancer("HTTPCode_ELB_5XX_Count", { LoadBalancer }), "Sum")).to.equal(undefined);
    });

    it(`what the balancer answers for targets that don't${exact ? ", in the exact mode" : ""}`, async () => {
      const { stage, read } = await watch({ onSigterm: "ignore" }, { requestsPerSecond: 100, exact });
      for (const { id } of stage.instances) stage.world.ec2.terminate(id, "test");
      await stage.run(MINUTE + 1);
      expect(read(balancer("HTTPCode_ELB_5XX_Count", { LoadBalancer }), "Sum")).to.be.within(1500, 5500);
      expect(read(balancer("HTTPCode_Target_5XX_Count"), "Sum")).to.equal(undefined);
    });

    it(`the CPU of every running task, as a share of what it reserves${exact ? ", in the exact mode" : ""}`, async () => {
      // 50 requests a second on each, of 5 ms: a quarter of a vCPU, of 1,100 units.
      const { stage, read } = await watch({ cpuSecondsPerRequest: 0.005 }, { requestsPerSecond: 100, exact });
      await stage.run(2 * MINUTE + 1);
      expect(read(ofService("CPUUtilization"), "SampleCount")).to.equal(2);
      expect(read(ofService("CPUUtilization"), "Average")).to.be.closeTo((256 / 1100) * 100, exact ? 2 : 1e-6);
    });
  }

  it("nothing of requests where none came, but of tasks and targets", async () => {
    const { stage, read } = await watch({ memoryPercent: 55 }, { requestsPerSecond: 0 });
    await stage.run(2 * MINUTE + 1);
    for (const name of ["RequestCount", "RequestCountPerTarget", "HTTPCode_Target_5XX_Count"]) {
      expect(read(balancer(name), "Sum"), name).to.equal(undefined);
    }
    expect(read(balancer("HealthyHostCount"), "Minimum")).to.equal(2);
    expect(read(ofService("CPUUtilization"), "Maximum")).to.equal(0);
    expect(read(ofService("MemoryUtilization"), "Average")).to.equal(55);
  });

  it("what the long requests of each task take", async () => {
    const longRequests = { share: 1, seconds: 3600, cpuUnits: 11 };
    const { stage, read, traffic } = await watch({ longRequests }, { requestsPerSecond: 40, forMs: SECOND });
    await stage.run(2 * MINUTE + 1);
    const sum = read(ofService("CPUUtilization"), "Sum")!;
    traffic.finish();
    const open = Math.round(sum);
    expect(open).to.be.within(20, 60);
    expect(sum).to.be.closeTo(open, 1e-6);
  });

  it("no more CPU than there is", async () => {
    const longRequests = { share: 1, seconds: 3600, cpuUnits: 500 };
    const { stage, read } = await watch({ longRequests }, { requestsPerSecond: 40, forMs: SECOND });
    await stage.run(2 * MINUTE + 1);
    expect(read(ofService("CPUUtilization"), "Maximum")).to.be.closeTo((2048 / 1100) * 100, 1e-6);
  });

  it("of the minute alone, though the rate changed within it", async () => {
    const { stage, read } = await watch({}, { requestsPerSecond: 100, forMs: MINUTE + 30 * SECOND });
    await stage.run(2 * MINUTE + 1);
    expect(read(balancer("RequestCount"), "Sum")).to.be.closeTo(3000, 300);
  });
});

describe("long requests that take CPU", () => {
  it("leave the short ones an equal share, however many they are", async () => {
    // Some 60 on each task want fifteen times what it has; an equal share, 33 of 2,048 units, is three short ones a second.
    const profile = { cpuSecondsPerRequest: 0.01, longRequests: { share: 0.5, seconds: 3600, cpuUnits: 500 } };
    const few = await Stage.set({ profile });
    const traffic = few.send({ requestsPerSecond: 4, forMs: MINUTE });
    await few.run(MINUTE);
    traffic.finish();
    expect(traffic.tally.failed).to.equal(0);
  });

  for (const cpuUnits of [0, 11]) {
    it(`of ${cpuUnits} units each leave ${cpuUnits === 0 ? "everything" : "too little"} to the short ones`, async () => {
      // Alone on 2,048 units a task can do 200 of these a second; it gets 150, beside some 100 long ones.
      const profile = { cpuSecondsPerRequest: 0.01, longRequests: { share: 0.01, seconds: 3600, cpuUnits } };
      const stage = await Stage.set({ profile });
      const traffic = stage.send({ requestsPerSecond: 300 });
      await stage.run(100 * SECOND);
      traffic.finish();
      const { overload, ...others } = traffic.tally.failedBy;
      expect(Object.values(others).every((each) => each === 0)).to.equal(true);
      if (cpuUnits === 0) expect(overload).to.equal(0);
      else expect(overload).to.be.within(2000, 8000);
    });
  }
});
