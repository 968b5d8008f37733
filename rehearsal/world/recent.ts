/** What is gone and can still be asked for, for a while. */
export class Recent<V> {
  private readonly kept = new Map<string, { readonly value: V; readonly until: number }>();

  constructor(private readonly keptMs: number) {}

  add(key: string, value: V, now: number): void {
    this.forget(now);
    this.kept.set(key, { value, until: now + this.keptMs });
  }

  get(key: string, now: number): V | undefined {
    const found = this.kept.get(key);
    return found !== undefined && now < found.until ? found.value : undefined;
  }

  values(now: number): V[] {
    this.forget(now);
    return [...this.kept.values()].map(({ value }) => value);
  }

  /** The oldest come first. */
  private forget(now: number): void {
    for (const [key, { until }] of this.kept) {
      if (now < until) break;
      this.kept.delete(key);
    }
  }
}
