/** Of steps in time order, the one that holds at a moment; undefined before the first. */
export function lastAtOrBefore<Step extends { readonly atMs: number }>(
  steps: readonly Step[],
  atMs: number,
): Step | undefined {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle]!.atMs <= atMs) low = middle + 1;
    else high = middle;
  }
  return steps[low - 1];
}
