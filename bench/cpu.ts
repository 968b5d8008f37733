/** CPU time of what runs again and again. */

/** CPU milliseconds of each of so many runs, one after the other. */
export async function cpuTimes(runs: number, run: () => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < runs; count++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return times;
}

/** The median without the first third, which warms up. */
export function warmMedian(times: readonly number[]): number {
  const warm = times.slice(times.length / 3).sort((a, b) => a - b);
  return warm[Math.floor(warm.length / 2)] ?? 0;
}
