/** When nobody could have had an instance: the same for every variant of one market. */
import type { Group } from "../world/autoScaling/group";
import type { Shortage } from "../traffic/tally";
import type { World } from "../world/world";

export class OutageWatch {
  /** Whether some group wants more than lives, and no pool of it would give one instance. */
  isOutage = false;
  private recoversUntil = 0;

  constructor(private readonly world: World) {
    const { ec2 } = world;
    const look = (): void => this.look();
    ec2.marketMoved.subscribe(look);
    ec2.launched.subscribe(look);
    ec2.noticed.subscribe(look);
    ec2.ended.subscribe(look);
    this.look();
  }

  /** Why what fails for want of capacity fails. */
  get shortage(): Shortage {
    if (this.isOutage) return "outage";
    return this.world.clock.now <= this.recoversUntil ? "recovery" : undefined;
  }

  /** What was until now is settled as it was, before the answer changes. */
  private look(): void {
    const isOutage = [...this.world.groups.values()].some((group) => lacksCapacity(group, this.world));
    if (isOutage === this.isOutage) return;
    this.world.context.beforeChange.publish(undefined);
    this.isOutage = isOutage;
    this.recoversUntil = this.world.clock.now + RECOVERY_MS;
    this.world.context.log.write(isOutage ? "market.OutageBegins" : "market.OutageEnds", {});
  }
}

/** Time to launch, boot, start and become healthy after an outage, whoever handles it. */
const RECOVERY_MS = 5 * 60_000;

/** Pools are few and instances many, so instances are counted only where no pool has room. */
function lacksCapacity({ spec, desiredCapacity }: Group, { ec2 }: World): boolean {
  const { name, availabilityZones, instanceTypes } = spec;
  const someLaunch = availabilityZones.some((availabilityZone) =>
    instanceTypes.some((instanceType) => ec2.canLaunchSpot({ instanceType, availabilityZone })),
  );
  if (someLaunch) return false;
  let living = 0;
  for (const instance of ec2.living.values()) {
    if (instance.autoScalingGroupName === name && ec2.isUp(instance) && instance.interruption === undefined) living++;
  }
  return living < desiredCapacity;
}
