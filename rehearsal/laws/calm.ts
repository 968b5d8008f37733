/** The end of a story: nothing disturbs the cluster any more, and everybody who acts on it has to come to an end. */
import type { LoadProfile } from "../inputs/load";
import type { Market } from "../inputs/market";
import type { JobLedger } from "../jobs/ledger";
import type { BrokenLaw } from "../measure/result";
import { noFaults } from "../world/faults";
import type { InstanceRefreshes } from "../world/autoScaling/instanceRefresh";
import type { World } from "../world/world";

/** From then on nothing is taken and nothing recommended; what is out comes back when it would have. */
export function calmMarket(market: Market, fromMs: number): Market {
  const isDisturbance = ({ kind, ...event }: Market["events"][number]): boolean =>
    kind !== "capacity" || !("capacity" in event && event.capacity === null);
  return { ...market, events: market.events.filter((event) => event.atMs < fromMs || !isDisturbance(event)) };
}

/** One at the edge of a threshold would go on to have services scaled, as it should. */
const CALM_REQUESTS_PER_SECOND = 1;

/** From then on there is hardly any load. */
export function calmLoad(load: LoadProfile, fromMs: number): LoadProfile {
  const before = load.steps.filter(({ atMs }) => atMs < fromMs);
  return { ...load, steps: [...before, { atMs: fromMs, requestsPerSecond: CALM_REQUESTS_PER_SECOND }] };
}

/** From then on every call and every event gets where it should. */
export function calmFaults(world: World, fromMs: number): void {
  world.clock.at(fromMs, () => world.setFaults(noFaults));
}

const QUIET = "nobody acts on a cluster that nothing has disturbed for long";

/** What functions changed, for {@link breachesOfQuiet}; their messages to themselves change nothing. */
export interface Change {
  readonly atMs: number;
  readonly functionName: string;
  readonly command: string;
}

export function watchChanges(world: World): readonly Change[] {
  const changes: Change[] = [];
  world.modified.subscribe(({ functionName, service, command }) => {
    if (service !== "sqs") changes.push({ atMs: world.clock.now, functionName, command });
  });
  return changes;
}

/** A job that is still worked on is a disturbance, too: its worker retires when it is done. */
export function lastWorkAt({ jobs }: JobLedger): number {
  const ends = jobs.flatMap(({ attempts }) => attempts.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY));
  return Math.max(0, ...ends);
}

/** A refresh waits for tasks that protect their work, up to its limit; when it has ended, its function has things to put right. */
export function lastRefreshAt(groups: Iterable<{ readonly refreshes: Pick<InstanceRefreshes, "all"> }>): number {
  const ends = [...groups].flatMap(({ refreshes }) =>
    refreshes.all.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY),
  );
  return Math.max(0, ...ends);
}

export function breachesOfQuiet(changes: readonly Change[], quietFromMs: number, startMs: number): BrokenLaw[] {
  return changes
    .filter(({ atMs }) => atMs >= quietFromMs)
    .map(({ atMs, functionName, command }) => {
      return {
        law: QUIET,
        atSeconds: (atMs - startMs) / 1000,
        object: functionName,
        message: `still calls ${command}`,
      };
    });
}
