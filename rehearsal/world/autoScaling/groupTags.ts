/** A group's tags: those it was declared with, and what the API adds, changes and takes away. */
import type { Context } from "../context";
import { History } from "../history";

export interface GroupTag {
  readonly key: string;
  readonly value: string;
  /** Whether instances get it at launch. */
  readonly propagateAtLaunch: boolean;
}

export class GroupTags {
  private current: ReadonlyMap<string, GroupTag>;
  /** Of the last moments, for stale reads. */
  private readonly past = new History<GroupTags, ReadonlyMap<string, GroupTag>>();

  constructor(
    private readonly group: string,
    declared: readonly GroupTag[],
    private readonly context: Context,
  ) {
    this.current = new Map(declared.map((tag) => [tag.key, tag]));
    this.past.record(this, this.current, context.clock.now);
  }

  get all(): readonly GroupTag[] {
    return [...this.current.values()];
  }

  /** As a read that lags saw them. */
  at(time: number): readonly GroupTag[] {
    return [...(this.past.at(this, time) ?? this.current).values()];
  }

  valueOf(key: string): string | undefined {
    return this.current.get(key)?.value;
  }

  set(tags: readonly GroupTag[]): void {
    this.become(new Map([...this.current, ...tags.map((tag) => [tag.key, tag] as const)]));
    for (const { key, value } of tags) this.write("Tagged", key, value);
  }

  /** What isn't there is gone already. */
  delete(keys: readonly string[]): void {
    const gone = new Set(keys.filter((key) => this.current.has(key)));
    if (gone.size === 0) return;
    this.become(new Map([...this.current].filter(([key]) => !gone.has(key))));
    for (const key of gone) this.write("Untagged", key);
  }

  private become(tags: ReadonlyMap<string, GroupTag>): void {
    this.current = tags;
    this.past.record(this, tags, this.context.clock.now);
  }

  private write(what: "Tagged" | "Untagged", key: string, value?: string): void {
    this.context.log.write(`autoScaling.${what}`, { group: this.group, key, value });
  }
}
