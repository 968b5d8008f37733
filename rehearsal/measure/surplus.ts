/** Instances that run beside those that the group had when all was well: what a way of replacing leaves behind. */
import type { Instance } from "../world/ec2/instance";
import type { World } from "../world/world";

const MINUTE_MS = 60_000;

export interface Surplus {
  /** Instance minutes. */
  readonly total: number;
  readonly meanPerInterruption: number;
}

/** Measures from its making on, when nothing is interrupted yet. */
export class SurplusMeter {
  private readonly usual: number;
  private readonly up = new Set<Instance>();
  private readonly ended = { interrupted: 0 };
  private instanceMs = 0;
  private lookedAt: number;

  constructor(private readonly world: World) {
    const { ec2 } = world;
    for (const instance of ec2.living.values()) if (isStaying(instance)) this.up.add(instance);
    this.usual = this.up.size;
    this.lookedAt = world.clock.now;
    ec2.launched.subscribe((instance) => this.change(() => this.up.add(instance)));
    ec2.noticed.subscribe((instance) => this.change(() => this.up.delete(instance)));
    ec2.ended.subscribe((instance) => {
      this.change(() => this.up.delete(instance));
      if (instance.interruption !== undefined) this.ended.interrupted++;
    });
  }

  /** Null where a service scales: how many instances are usual then depends on the load. */
  result(): Surplus | null {
    if (this.world.scalableTargets.size > 0) return null;
    this.settle();
    const total = this.instanceMs / MINUTE_MS;
    const { interrupted } = this.ended;
    return { total, meanPerInterruption: interrupted === 0 ? 0 : total / interrupted };
  }

  private change(make: () => void): void {
    this.settle();
    make();
  }

  private settle(): void {
    const { now } = this.world.clock;
    this.instanceMs += Math.max(0, this.up.size - this.usual) * (now - this.lookedAt);
    this.lookedAt = now;
  }
}

/** Up, and not about to be taken back. */
const isStaying = ({ state, interruption }: Instance): boolean =>
  (state === "pending" || state === "running") && interruption === undefined;
