/**
 * How tasks are shared out among the capacity providers of a strategy: bases first, the rest by weight.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/capacity-providers-concepts.html
 */
import type { StrategyItem } from "./spec";
import type { Task } from "./task";

/** Which provider gets the next task, with so many on each already; undefined where no provider takes any. */
export function nextProvider(
  strategy: readonly StrategyItem[],
  tasksOn: (provider: string) => number,
): string | undefined {
  const withBase = strategy.find(({ capacityProvider, base }) => tasksOn(capacityProvider) < base);
  if (withBase !== undefined) return withBase.capacityProvider;
  let best: { readonly provider: string; readonly filled: number } | undefined;
  for (const { capacityProvider, base, weight } of strategy) {
    if (weight === 0) continue;
    const filled = (tasksOn(capacityProvider) - base + 1) / weight;
    if (best === undefined || filled < best.filled) best = { provider: capacityProvider, filled };
  }
  return best?.provider;
}

/** The provider that can give a task up with the least harm to the shares: the one most above its own. */
export function fullestProvider(
  strategy: readonly StrategyItem[],
  tasksOn: (provider: string) => number,
): string | undefined {
  let most: { readonly provider: string; readonly filled: number } | undefined;
  for (const { capacityProvider, base, weight } of strategy) {
    const above = tasksOn(capacityProvider) - base;
    if (tasksOn(capacityProvider) === 0) continue;
    const filled = above <= 0 ? above : above / weight;
    if (most === undefined || filled > most.filled) most = { provider: capacityProvider, filled };
  }
  return most?.provider;
}

export function countByProvider(tasks: Iterable<Task>): (provider: string) => number {
  const counts = new Map<string | undefined, number>();
  for (const { capacityProvider } of tasks) counts.set(capacityProvider, (counts.get(capacityProvider) ?? 0) + 1);
  return (provider) => counts.get(provider) ?? 0;
}
