/** Which tasks are moved so that the instances of a cluster are about equally full, as a pure function of where tasks are. */
import { Layout, type Removal, type Step } from "./layout";
import type { ClusterState } from "./state";

export interface Evenness {
  /** How much less full the emptiest instance may be than the fullest, in percent of the fullest. */
  readonly mostApartPercent: number;
  /** Most tasks to move in one round. */
  readonly mostMoves: number;
}

export interface Move {
  readonly service: string;
  readonly taskArn: string;
  readonly from: string;
  /** Where ECS is expected to place the new task. */
  readonly to: string;
}

export interface MovePlan {
  readonly moves: readonly Move[];
  /** How far apart the instances are, before and after, in percent of the fullest. */
  readonly apartPercent: { readonly before: number; readonly after: number };
}

/** Instances of all the layouts that are looked at side by side: a small cluster is searched through, of a large one the best step is taken. */
const BREADTH = 200;
/** What is nearer by less isn't nearer. */
const NEARER = 1e-9;

interface Way {
  readonly layout: Layout;
  readonly steps: readonly Step[];
  readonly apart: number;
}

/**
 * The fewest moves after which the instances are near enough to each other; where none are enough, those after which they are
 * nearest. Each helps by itself, so that no two plans ever move tasks to and fro.
 */
export function planMoves(state: ClusterState, { mostApartPercent, mostMoves }: Evenness): MovePlan {
  const layout = Layout.of(state);
  const start: Way = { layout, steps: [], apart: layout.apart() };
  const best = nearest(start, {
    mostApart: mostApartPercent / 100,
    mostMoves,
    breadth: Math.max(1, Math.floor(BREADTH / state.instances.length)),
  });
  const apartPercent = { before: start.apart * 100, after: best.apart * 100 };
  return { moves: movesOf(best.steps, state), apartPercent };
}

interface Search {
  readonly mostApart: number;
  readonly mostMoves: number;
  readonly breadth: number;
}

function nearest(start: Way, { mostApart, mostMoves, breadth }: Search): Way {
  let best = start;
  let ways = [start];
  const seen = new Set([start.layout.key()]);
  for (let count = 0; count < mostMoves && best.apart > mostApart && ways.length > 0; count++) {
    const next = ways.flatMap(({ layout, steps }) => layout.steps().map((step) => ({ layout, steps, step })));
    next.sort((a, b) => a.step.apart - b.step.apart || b.step.gain - a.step.gain);
    ways = [];
    for (const { layout, steps, step } of next) {
      if (ways.length === breadth) break;
      const after = layout.copy();
      after.move(step);
      const key = after.key();
      if (seen.has(key)) continue;
      seen.add(key);
      ways.push({ layout: after, steps: [...steps, step], apart: step.apart });
    }
    for (const way of ways) if (isBetter(way, best)) best = way;
  }
  return best;
}

/** Nearer, or as near and all the others evener: of many empty instances, the first ones that are filled change nothing at the ends. */
function isBetter(way: Way, than: Way): boolean {
  if (Math.abs(way.apart - than.apart) > NEARER) return way.apart < than.apart;
  return way.layout.unevenness() < than.layout.unevenness() * (1 - NEARER);
}

/** What has been moved once may go on from there: that is one move. */
function movesOf(steps: readonly Step[], { instances, services }: ClusterState): Move[] {
  const moves = new Map<string, Move>();
  for (const { service, task, from, to } of steps) {
    const { from: first } = moves.get(task.arn) ?? { from: instances[from]!.arn };
    moves.set(task.arn, { service: services[service]!.name, taskArn: task.arn, from: first, to: instances[to]!.arn });
  }
  return [...moves.values()].filter(({ from, to }) => from !== to);
}

/**
 * Which tasks go once ECS has placed as many more as are to move: those after which the instances are nearest to each other, wherever
 * ECS has placed the new ones. It may be a new one, where it has come to a place that helps nobody.
 * @param surplus how many tasks a service has more than it wants, by its name
 */
export function chooseSurplus(state: ClusterState, surplus: ReadonlyMap<string, number>): string[] {
  const layout = Layout.of(state);
  const chosen: string[] = [];
  state.services.forEach(({ name }, service) => {
    for (let count = surplus.get(name) ?? 0; count > 0; count--) {
      const [best] = layout.removals(service).sort(byNearest);
      if (best === undefined) return;
      layout.remove(best);
      chosen.push(best.task.arn);
    }
  });
  return chosen;
}

const byNearest = (a: Removal, b: Removal): number =>
  a.apart - b.apart || b.share - a.share || (a.task.arn < b.task.arn ? -1 : 1);
