/** A value that may not be told before the update, or not from this stack: every reader and every rule says which. */
import type { Decided } from "./userData/agentSettings";

export type { Decided };

export const known = <T>(value: T): Decided<T> => ({ kind: "known", value });

export const undecided = <T = never>(reason: string): Decided<T> => ({ kind: "undecided", reason });

export function mapDecided<T, U>(decided: Decided<T>, map: (value: T) => U): Decided<U> {
  return decided.kind === "known" ? known(map(decided.value)) : decided;
}

/** The same, with what it is about before the reason. */
export function about<T>(what: string, decided: Decided<T>): Decided<T> {
  return decided.kind === "known" ? decided : undecided(`${what}: ${decided.reason}`);
}

/** All the values, or every reason why not. */
export function allDecided<T>(each: readonly Decided<T>[]): Decided<T[]> {
  const reasons = each.flatMap((one) => (one.kind === "undecided" ? [one.reason] : []));
  if (reasons.length > 0) return undecided([...new Set(reasons)].join("; "));
  return known(each.flatMap((one) => (one.kind === "known" ? [one.value] : [])));
}

/** False as soon as one is; undecided where it hangs on one that can't be told. */
export function everyDecided(each: readonly Decided<boolean>[]): Decided<boolean> {
  if (each.some((one) => one.kind === "known" && !one.value)) return known(false);
  return mapDecided(allDecided(each), () => true);
}

/** True as soon as one is; undecided where it hangs on one that can't be told. */
export function anyDecided(each: readonly Decided<boolean>[]): Decided<boolean> {
  if (each.some((one) => one.kind === "known" && one.value)) return known(true);
  return mapDecided(allDecided(each), () => false);
}
