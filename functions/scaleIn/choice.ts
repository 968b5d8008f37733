/**
 * Which tasks retire: idle ones first, those on the emptiest instances first, and none that would leave zones uneven. Of
 * those at work nothing tells whose work is short, so that each round tries others.
 */
import { isIdle } from "../retire/plan";
import type { RetireState, TaskState } from "../retire/state";

/** How much further apart zones may be afterwards, in tasks. */
const ZONES_APART = 1;

interface Candidate {
  readonly task: TaskState;
  readonly isIdle: boolean;
  /** Whose turn it is among those at work: the lowest goes first, and each minute it is another's. */
  readonly turn: number;
}

const MINUTE_MS = 60_000;
/** Odd numbers without a pattern, which spread neighbours apart. */
const [MINUTE_FACTOR, ID_FACTOR] = [0x9e3779b1, 0x85ebca6b];

/**
 * Chooses at most `count`, one after the other, since each leaves its instance emptier: so that an instance becomes free.
 * Ties go by ARN, so that two functions that look at once choose the same.
 */
export function choose(
  state: RetireState,
  count: number,
  { takesWorking, now }: { readonly takesWorking: boolean; readonly now: number },
): TaskState[] {
  const remaining = state.tasks.filter((task) => task.markedAt === undefined);
  const candidates = remaining
    .filter((task) => canRetire(task, state))
    .map((task): Candidate => ({ task, isIdle: isIdle(task, now), turn: turnOf(task.arn, now) }))
    .filter((candidate) => candidate.isIdle || takesWorking);
  const zones = countBy(remaining, (task) => task.zone);
  const widest = spread(zones) + ZONES_APART;
  const held = new Map([...state.instances].map(([arn, instance]) => [arn, instance.taskCount]));
  for (const { instanceArn, markedAt } of state.tasks) {
    if (markedAt !== undefined && instanceArn !== undefined) held.set(instanceArn, (held.get(instanceArn) ?? 0) - 1);
  }
  const tasks: TaskState[] = [];
  while (tasks.length < count) {
    const allowed = zonesThatMayLose(zones, widest);
    const next = first(candidates, held, allowed);
    if (next === undefined) break;
    candidates.splice(candidates.indexOf(next), 1);
    const { zone, instanceArn = "" } = next.task;
    zones.set(zone, (zones.get(zone) ?? 0) - 1);
    held.set(instanceArn, (held.get(instanceArn) ?? 0) - 1);
    tasks.push(next.task);
  }
  return tasks;
}

function canRetire({ lastStatus, instanceArn, targets }: TaskState, { instances }: RetireState): boolean {
  return lastStatus === "RUNNING" && targets !== undefined && instances.get(instanceArn ?? "")?.status === "ACTIVE";
}

/** By the end of its id and the minute: the same for two functions that look at once. */
function turnOf(arn: string, now: number): number {
  const id = Number.parseInt(arn.slice(-8), 16) || 0;
  return Math.imul(id ^ Math.imul(Math.floor(now / MINUTE_MS), MINUTE_FACTOR), ID_FACTOR) >>> 0;
}

/** The loops call nothing of this module: a serialized closure's calls are slow. */
function first(
  candidates: readonly Candidate[],
  held: ReadonlyMap<string, number>,
  allowed: ReadonlySet<string>,
): Candidate | undefined {
  let best: Candidate | undefined;
  let bestRank: readonly [number, number, string] | undefined;
  for (const candidate of candidates) {
    const { task, isIdle, turn } = candidate;
    if (!allowed.has(task.zone)) continue;
    const rank = [isIdle ? 0 : 1, isIdle ? (held.get(task.instanceArn ?? "") ?? 0) : turn, task.arn] as const;
    if (bestRank !== undefined) {
      let place = 0;
      while (place < 2 && rank[place] === bestRank[place]) place++;
      if (rank[place]! >= bestRank[place]!) continue;
    }
    best = candidate;
    bestRank = rank;
  }
  return best;
}

function zonesThatMayLose(zones: ReadonlyMap<string, number>, widest: number): Set<string> {
  const may = [...zones].filter(([zone, tasks]) => spread(new Map([...zones, [zone, tasks - 1]])) <= widest);
  return new Set(may.map(([zone]) => zone));
}

/** How far the fullest zone is from the emptiest. */
function spread(zones: ReadonlyMap<string, number>): number {
  const counts = [...zones.values()];
  return counts.length === 0 ? 0 : Math.max(...counts) - Math.min(...counts);
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}
