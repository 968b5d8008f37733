/** Gives each instance a row for as long as it lives, so that a month of instances takes no more rows than lived at once. */
import type { LineFields, InstanceLife } from "./data";
import { LIMITS } from "./data";
import { INSTANCE_EVENTS } from "./states";

interface Growing {
  readonly id: string;
  readonly type: string;
  readonly zone: string;
  readonly lifecycle: string;
  readonly row: number;
  readonly changes: [number, string][];
  endedAt?: number;
}

export class LaneRows {
  readonly instances: InstanceLife[] = [];
  leftOut = 0;
  private readonly living = new Map<string, Growing>();
  private readonly free: number[] = [];
  rows = 0;

  of(id: string): InstanceLife | undefined {
    return this.living.get(id);
  }

  /** What an instance that lives was last. */
  stateOf(id: string): string | undefined {
    return this.living.get(id)?.changes.at(-1)?.[1];
  }

  onEvent(at: number, event: string, fields: LineFields): void {
    const next = INSTANCE_EVENTS[event];
    const { instanceId: id } = fields;
    if (next === undefined || typeof id !== "string") return;
    if (event === "ec2.Launched") this.begin(id, fields);
    const life = this.living.get(id);
    if (life === undefined) return;
    const was = life.changes.at(-1)?.[1];
    const state = next(fields, was);
    if (state === undefined) this.end(life, at);
    else if (state !== was) life.changes.push([at, state]);
  }

  private begin(id: string, { instanceType, availabilityZone, lifecycle }: LineFields): void {
    const row = this.free.length > 0 ? this.takeLowest() : this.rows++;
    const life: Growing = {
      id,
      type: String(instanceType),
      zone: String(availabilityZone),
      lifecycle: String(lifecycle),
      row,
      changes: [],
    };
    this.living.set(id, life);
    if (this.instances.length < LIMITS.instances) this.instances.push(life);
    else this.leftOut++;
  }

  private takeLowest(): number {
    const row = Math.min(...this.free);
    this.free.splice(this.free.indexOf(row), 1);
    return row;
  }

  private end(life: Growing, at: number): void {
    life.endedAt = at;
    this.living.delete(life.id);
    this.free.push(life.row);
  }
}
