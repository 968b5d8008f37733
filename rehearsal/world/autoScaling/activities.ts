/** A group's scaling activities, as far as they tell of launches. */

export interface LaunchActivity {
  readonly id: number;
  readonly at: number;
  /** Undefined where the launch failed. */
  readonly instanceId: string | undefined;
  /** Why it failed. */
  readonly message: string | undefined;
}

/** So many are kept here; AWS keeps those of six weeks. */
const KEPT = 200;

export class Activities {
  private count = 0;
  private readonly latest: LaunchActivity[] = [];

  add(at: number, told: { readonly instanceId: string } | { readonly message: string }): void {
    this.latest.unshift({ id: ++this.count, at, instanceId: undefined, message: undefined, ...told });
    if (this.latest.length > KEPT) this.latest.pop();
  }

  /** The newest first, as a read that lags saw them. */
  until(time: number): readonly LaunchActivity[] {
    return this.latest.filter(({ at }) => at <= time);
  }
}
