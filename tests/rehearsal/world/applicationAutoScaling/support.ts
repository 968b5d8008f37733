/** A service of four tasks, scaled between two and twenty. */
import {
  ScalableTarget,
  type Proposal,
  type Suspended,
} from "../../../../rehearsal/world/applicationAutoScaling/scalableTarget";
import type { Flags } from "../../../../rehearsal/world/flags";
import { arn, later, makeStage, MINUTE, type Stage } from "../support";

export const RESOURCE_ID = "service/cluster/web";

export interface ScaledStage extends Stage {
  readonly target: ScalableTarget;
}

interface Options {
  readonly min?: number;
  readonly max?: number;
  readonly suspended?: Suspended;
  /** @default 4 */
  readonly desiredCount?: number;
  readonly flags?: Partial<Flags>;
}

export async function scaledStage(options: Options = {}): Promise<ScaledStage> {
  const { desiredCount = 4, flags } = options;
  const stage = await makeStage({ service: { desiredCount }, group: { desiredCapacity: 6 }, flags });
  await later(stage.world, 10 * MINUTE);
  const spec = {
    resourceId: RESOURCE_ID,
    arn: arn("application-autoscaling", "scalable-target/web"),
    minCapacity: options.min ?? 2,
    maxCapacity: options.max ?? 20,
    suspended: options.suspended,
  };
  const target = new ScalableTarget(spec, stage.cluster, stage.service, stage.world.context);
  stage.world.scalableTargets.set(RESOURCE_ID, target);
  return { ...stage, target };
}

export const COOLDOWN = 5 * MINUTE;

/** A policy that adds so many. */
export const adding = (change: number, policy = `by ${change}`, rest: Partial<Proposal> = {}): Proposal => ({
  policy,
  isTracking: false,
  capacityFrom: (capacity) => capacity + change,
  scaleOutCooldownMs: COOLDOWN,
  scaleInCooldownMs: COOLDOWN,
  ...rest,
});

/** The desired count that follows from proposals made at one moment. */
export async function decided({ world, target, service }: ScaledStage, ...proposals: Proposal[]): Promise<number> {
  for (const proposal of proposals) target.propose(proposal);
  await later(world, 1);
  return service.desiredCount;
}
