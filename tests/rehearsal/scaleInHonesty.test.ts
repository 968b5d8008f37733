import { expect } from "chai";
import type { Resource } from "../../rehearsal/deploy/monitor";
import type { Market } from "../../rehearsal/inputs/market";
import type { MeasuredResult } from "../../rehearsal/measure/result";
import type { InterceptedCall, World } from "../../rehearsal/world/world";
import { HOUR } from "../support/stage";
import { declareStack, rehearseResources } from "../support/tampering";

/** Busy and quiet hours by turns, few requests, half of them of one to ten minutes: what a scale-in meets is often at work. */
const HOURS = 8;
const LOAD = {
  source: "test",
  durationMs: HOURS * HOUR,
  steps: Array.from({ length: HOURS }, (_, hour) => ({ atMs: hour * HOUR, requestsPerSecond: hour % 2 ? 0.1 : 0.5 })),
};
const REQUESTS = { longRequests: { share: 0.5, minSeconds: 60, maxSeconds: 600 } };
const QUIET: Market = { source: "none", durationMs: null, events: [] };
const SEEDS = [1, 2, 3];

const BOUNDS = { minCount: 2, maxCount: 20 };
const scaleOut = [{ metric: "requestsPerTarget", atLeast: 3, add: 3 }];
const STEPS = [{ metric: "requestsPerTarget", below: 2, forMinutes: 3, remove: 2 }];
const STACK = { protectsWork: true, maxSize: 10 };

type Prepare = (world: World) => void;

interface Lost {
  /** Cut because the service scaled in. */
  readonly cut: number;
  readonly scaleIns: number;
  readonly taskHours: number;
  readonly lawsBroken: readonly string[];
}

/** What is lost over all seeds. */
async function lost(
  scaling: object,
  { protectsWork = true, prepare }: { protectsWork?: boolean; prepare?: () => Prepare },
): Promise<Lost> {
  const stack: readonly Resource[] = await declareStack({ ...STACK, scaling: { ...BOUNDS, ...scaling } });
  const results: MeasuredResult[] = [];
  for (const seed of SEEDS) {
    const options = { durationMs: HOURS * HOUR, load: LOAD, prepare: prepare?.() };
    results.push(
      await rehearseResources(stack, { seed, profile: { ...REQUESTS, protectsWork }, market: QUIET, options }),
    );
  }
  const sum = (read: (result: MeasuredResult) => number): number =>
    results.reduce((total, each) => total + read(each), 0);
  return {
    cut: sum(
      ({ requests: { failedBy } }) =>
        failedBy.scaleIn + failedBy.killedInFlight + failedBy.drainTimeout + failedBy.deadTarget,
    ),
    scaleIns: sum(({ scaling: { scaleIns } }) => scaleIns),
    taskHours: sum(({ scaling: { taskHours } }) => taskHours),
    lawsBroken: [...new Set(results.flatMap(({ lawsBroken }) => lawsBroken.map(({ law }) => law)))],
  };
}

const FUNCTION = { scaleOut, scaleIn: { tiersPer: "target", tiers: [{ below: 2, remove: 2 }] } };

/** Answers the scale-in function's calls of a command in AWS's place; undefined: AWS answers. */
const instead =
  (answers: Readonly<Record<string, (input: Record<string, never>, world: World) => object | undefined>>) =>
  (): Prepare =>
  (world) => {
    world.intercept = ({ command, input, functionName }: InterceptedCall) =>
      functionName.includes("scale-in") ? answers[command]?.(input as Record<string, never>, world) : undefined;
  };

describe("scaling in under requests of minutes", function () {
  this.timeout(120_000);
  let ours: Lost;
  before(async () => (ours = await lost(FUNCTION, {})));

  it("cuts none with the function, which scales in often", () => {
    expect({ cut: ours.cut, lawsBroken: ours.lawsBroken }).to.deep.equal({ cut: 0, lawsBroken: [] });
    expect(ours.scaleIns).to.be.greaterThan(30);
  });

  it("cuts many by steps, and by target tracking", async () => {
    const steps = await lost({ scaleOut, scaleIn: STEPS }, { protectsWork: false });
    expect(steps.cut).to.be.greaterThan(50);
    const targetTracking = [{ metric: "requestsPerTarget", target: 3 }];
    expect((await lost({ targetTracking, scaleIn: "targetTracking" }, { protectsWork: false })).cut).to.be.greaterThan(
      50,
    );
  });

  it("cuts few with protection alone: those that come between ECS's choice and the balancer's letting go", async () => {
    const { cut } = await lost({ scaleOut, scaleIn: STEPS }, {});
    expect(cut).to.be.within(1, 20);
  });

  it("cuts some if the function doesn't look again at who works", async () => {
    const idle = instead({
      GetTaskProtection: ({ tasks }: { tasks?: readonly string[] }) => ({
        protectedTasks: (tasks ?? []).map((taskArn) => ({ taskArn, protectionEnabled: false })),
        failures: [],
      }),
    });
    expect((await lost(FUNCTION, { prepare: idle })).cut).to.be.greaterThan(20);
  });

  it("breaks a law if it lowers the desired count without having stopped tasks: ECS then chooses, as with protection alone", async () => {
    const { lawsBroken } = await lost(FUNCTION, { prepare: instead({ StopTask: () => ({}) }) });
    expect(lawsBroken.join()).to.include("leaves ECS nothing to choose");
  });

  it("breaks a law if it doesn't take targets out first, and believes that they are: its tasks stop while requests come", async () => {
    const believed = (): Prepare => {
      const out = new Set<string>();
      const key = ({ Id, Port }: { Id?: string; Port?: number }): string => `${Id}:${Port}`;
      return instead({
        DeregisterTargets: ({ Targets }: { Targets?: readonly { Id?: string; Port?: number }[] }) => {
          for (const target of Targets ?? []) out.add(key(target));
          return {};
        },
        DescribeTargetHealth: ({ TargetGroupArn }: { TargetGroupArn?: string }, world) => ({
          TargetHealthDescriptions: [...world.targetGroups.get(TargetGroupArn!)!.targets.values()].map(
            ({ instanceId, port, health }) => {
              const Target = { Id: instanceId, Port: port };
              return { Target, TargetHealth: { State: out.has(key(Target)) ? "draining" : health } };
            },
          ),
        }),
      })();
    };
    const { lawsBroken } = await lost(FUNCTION, { prepare: believed });
    expect(lawsBroken.join()).to.include("stops what gets no requests any more");
  });
});
