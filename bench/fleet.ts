/** What a simulated event costs as the fleet grows: a tenth of it is interrupted every hour, so that events grow with it. */
import type { Market } from "../rehearsal/inputs/market";
import { declareStack, HOUR_MS, rehearse, sizeOf, timed } from "./stack";

const SMALLEST = 4;
const TIMES = [1, 5, 10, 50];
const HOURS = 24;

const MARKET: Market = {
  source: "a tenth every hour",
  durationMs: null,
  events: Array.from({ length: HOURS - 1 }, (_, hour) => ({
    atMs: (hour + 1) * HOUR_MS,
    kind: "reclaim",
    pool: {},
    share: 0.1,
    spreadMs: 180_000,
  })),
};

export async function benchFleet(print: (line: string) => void): Promise<void> {
  let smallest: number | undefined;
  for (const times of TIMES) {
    const size = sizeOf(SMALLEST * times);
    const resources = await declareStack(size);
    const runs = times < 50 ? 3 : 1;
    const { ms, answer } = await timed(runs, () => rehearse(resources, { hours: HOURS, size, market: () => MARKET }));
    const { events } = answer.world.clock;
    const microseconds = (ms * 1000) / events;
    smallest ??= microseconds;
    const columns = [
      `a day of ${String(size.instances).padStart(3)} instances, ${String(size.tasks).padStart(4)} tasks`,
      `${answer.result.interruptions.instancesLost} lost`.padStart(9),
      `${events.toLocaleString("en-US").padStart(9)} events`,
      `${ms.toFixed(0).padStart(6)} ms`,
      `${microseconds.toFixed(1).padStart(6)} µs an event`,
      `×${(microseconds / smallest).toFixed(2)}`.padStart(6),
    ];
    print(columns.join("  "));
  }
}
