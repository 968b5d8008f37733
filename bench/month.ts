/** 30 days of 20 instances and 200 tasks: with the interruptions of a month, and with those of four years. */
import { generateMarket } from "../rehearsal/inputs/generator";
import { declareStack, HOUR_MS, rehearse, timed } from "./stack";

const SIZE = { instances: 20, tasks: 200 };
const HOURS = 30 * 24;

export async function benchMonth(print: (line: string) => void): Promise<void> {
  const resources = await declareStack(SIZE);
  for (const hazardScale of [1, 50]) {
    const durationMs = HOURS * HOUR_MS;
    const { ms, answer } = await timed(3, () =>
      rehearse(resources, {
        hours: HOURS,
        size: SIZE,
        market: (geometry, prices) => generateMarket({ seed: 1, durationMs, geometry, prices, hazardScale }),
      }),
    );
    const { interruptions, requests } = answer.result;
    const what = `30 days, ${SIZE.instances} instances, ${SIZE.tasks} tasks, interruptions × ${hazardScale}`;
    const events = `${answer.world.clock.events.toLocaleString("en-US")} events`;
    const lost = `${interruptions.instancesLost} instances lost, ${requests.failed} requests failed`;
    print(`${what.padEnd(58)} ${(ms / 1000).toFixed(2).padStart(6)} s  ${events}, ${lost}`);
  }
}
