/**
 * What objects were a moment ago, for reads that answer stale. Each object's states of the last moments are kept with
 * the times from which they held; what is gone is remembered as long.
 */
import { API } from "./constants";

interface Version<S> {
  /** Undefined: it was no more. */
  readonly state: S | undefined;
  readonly since: number;
}

export class History<K extends object, S> {
  private readonly versions = new Map<K, Version<S>[]>();
  private gone: { readonly key: K; readonly at: number }[] = [];

  /** `key` is in `state` from `now` on; undefined: it is gone. */
  record(key: K, state: S | undefined, now: number): void {
    this.forget(now);
    const known = this.versions.get(key);
    if (known === undefined) this.versions.set(key, [{ state, since: now }]);
    else {
      while (known.length > 1 && known[1]!.since < now - API.staleMs.max) known.shift();
      known.push({ state, since: now });
    }
    if (state === undefined) this.gone.push({ key, at: now });
  }

  /** The state at that time; undefined where it wasn't there yet, or no more. Times further back than a read can lag aren't known. */
  at(key: K, time: number): S | undefined {
    const versions = this.versions.get(key) ?? [];
    for (let index = versions.length - 1; index >= 0; index--) {
      if (versions[index]!.since <= time) return versions[index]!.state;
    }
    return undefined;
  }

  /** What went after `time`, and so was still there. */
  goneSince(time: number): K[] {
    return this.gone.filter(({ key, at }) => at > time && this.at(key, time) !== undefined).map(({ key }) => key);
  }

  private forget(now: number): void {
    const [first] = this.gone;
    if (first === undefined || first.at >= now - API.staleMs.max) return;
    const isOld = ({ at }: { readonly at: number }): boolean => at < now - API.staleMs.max;
    for (const { key } of this.gone.filter(isOld)) {
      if (this.versions.get(key)?.at(-1)?.state === undefined) this.versions.delete(key);
    }
    this.gone = this.gone.filter((each) => !isOld(each));
  }
}
