import { keyOf, type Target } from "../world/elb/target";
import type { TargetGroup } from "../world/elb/targetGroup";
import type { World } from "../world/world";
import type { Law } from "./law";
import type { ServicePromise } from "./promises";
import { retiringFunctionsOf } from "./rebalanceFunction";
import type { ScaleInFunction } from "./scaleInFunction";

/** For how long a stop explains that the desired count is lowered: a StopTask and the call after it, tried again and again. */
const EXPLAINS_MS = 5000;

/** The function stops its own choice and lowers the desired count by as many: ECS has nothing to choose but replacements. */
export const retiredHaveNoTarget: Law = {
  name: "whoever retires a task stops what gets no requests any more, and leaves ECS nothing to choose",
  watch: (world, promises, report) => {
    for (const promise of promises) {
      for (const fn of retiringFunctionsOf(world, promise)) watchOne(world, promise, fn, report);
    }
  },
};

function watchOne(
  world: World,
  { cluster, service }: ServicePromise,
  { name, settleMs }: ScaleInFunction,
  report: (object: string, message: string) => void,
): void {
  const outages = new Map(
    service.spec.loadBalancers.flatMap(({ targetGroupArn }) => {
      const targetGroup = service.targetGroups.get(targetGroupArn);
      return targetGroup === undefined ? [] : [[targetGroup, new TimeOut(world, targetGroup)] as const];
    }),
  );
  /** When it stopped tasks that it has yet to lower the count by. */
  let stops: number[] = [];
  cluster.life.stopping.subscribe(({ task, caller }) => {
    if (task.service !== service || caller !== name) return;
    stops.push(world.clock.now);
    for (const { targetGroup, port } of service.targetsOf(task)) {
      const outMs = outages.get(targetGroup)!.of(task.instance!.ec2.id, port);
      if (outMs < settleMs)
        report(task.arn, `was stopped ${outMs / 1000} s after its target was out: ${settleMs / 1000} s`);
    }
  });
  cluster.desiredCountChanged.subscribe(({ service: changed, from, to, by }) => {
    if (changed !== service || by !== name) return;
    stops = stops.filter((at) => world.clock.now - at < EXPLAINS_MS);
    // Another's raise that was read a moment too early is undone, and ECS has nothing to choose all the same.
    if (from - to > stops.length && service.standing.activeCount > to)
      report(service.spec.name, `was set from ${from} to ${to} where ${stops.length} tasks had been stopped`);
    stops.splice(0, Math.max(0, from - to));
  });
}

/** For how long the balancer has had no use for a target. */
class TimeOut {
  /** Healthy ones have none. */
  private readonly since = new Map<string, number>();

  constructor(
    private readonly world: World,
    private readonly targetGroup: TargetGroup,
  ) {
    for (const target of targetGroup.targets.values()) this.look(target);
    targetGroup.routingChanged.subscribe((target) => this.look(target));
  }

  of(instanceId: string, port: number): number {
    const { now } = this.world.clock;
    return now - (this.since.get(keyOf(instanceId, port)) ?? now);
  }

  private look(target: Target): void {
    const key = keyOf(target.instanceId, target.port);
    // One that is unused now, or registered again and not checked yet, is out still.
    if (this.targetGroup.targets.get(key)?.health === "healthy") this.since.delete(key);
    else if (!this.since.has(key)) this.since.set(key, this.world.clock.now);
  }
}
