import { keyOf, type Target } from "../world/elb/target";
import type { TargetGroup } from "../world/elb/targetGroup";
import type { World } from "../world/world";
import type { Law } from "./law";
import type { ServicePromise } from "./promises";
import { scaleInFunctionOf, type ScaleInFunction } from "./scaleInFunction";

/** As many tasks as the function lowered the count by are its own choice; what else is too much, ECS chooses by itself. */
export const retiredHaveNoTarget: Law = {
  name: "a task that the scale-in function retires gets no requests any more when ECS stops it",
  watch: (world, promises, report) => {
    for (const promise of promises) {
      const fn = scaleInFunctionOf(world, promise);
      if (fn !== undefined) watchOne(world, promise, fn, report);
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
  let lowered = 0;
  cluster.desiredCountChanged.subscribe(({ service: changed, from, to, by }) => {
    if (changed === service) lowered = to < from && by === name ? lowered + from - to : 0;
  });
  cluster.life.stopping.subscribe(({ task }) => {
    if (task.service !== service || task.stopCause !== "scaleIn" || lowered === 0) return;
    lowered--;
    for (const { targetGroup, port } of service.targetsOf(task)) {
      const outMs = outages.get(targetGroup)!.of(task.instance!.ec2.id, port);
      if (outMs < settleMs)
        report(task.arn, `was stopped ${outMs / 1000} s after its target was out: ${settleMs / 1000} s`);
    }
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
