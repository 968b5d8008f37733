/**
 * Which tasks retire: idle ones first, those on the emptiest instances first, and none that would leave zones uneven. Of
 * those at work nothing tells whose work is short, so that each round tries others.
 */
import { isIdle } from "../retire/plan";
import type { RetireState, TaskState } from "../retire/state";

/** How much further apart zones may be afterwards, in tasks. */
const ZONES_APART = 1;

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
  const able = remaining.filter((task) => canRetire(task, state));
  const idle = inOrder(able.filter((task) => isIdle(task, now)));
  const working = takesWorking ? byTurn(inOrder(able.filter((task) => !isIdle(task, now))), now) : [];
  const zones = countBy(remaining, (task) => task.zone);
  const widest = spread(zones) + ZONES_APART;
  const held = tasksHeld(state);
  const chosen = new Set<TaskState>();
  while (chosen.size < count) {
    const allowed = zonesThatMayLose(zones, widest);
    const mayGo = (task: TaskState): boolean => !chosen.has(task) && allowed.has(task.zone);
    const next = onEmptiest(idle.filter(mayGo), held) ?? working.find(mayGo);
    if (next === undefined) break;
    const { zone, instanceArn = "" } = next;
    zones.set(zone, (zones.get(zone) ?? 0) - 1);
    held.set(instanceArn, (held.get(instanceArn) ?? 0) - 1);
    chosen.add(next);
  }
  return [...chosen];
}

/** How many tasks each instance holds, with the marked ones gone already. */
function tasksHeld({ instances, tasks }: RetireState): Map<string, number> {
  const held = new Map([...instances].map(([arn, instance]) => [arn, instance.taskCount]));
  for (const { instanceArn, markedAt } of tasks) {
    if (markedAt !== undefined && instanceArn !== undefined) held.set(instanceArn, (held.get(instanceArn) ?? 0) - 1);
  }
  return held;
}

function canRetire({ lastStatus, instanceArn, targets }: TaskState, { instances }: RetireState): boolean {
  return lastStatus === "RUNNING" && targets !== undefined && instances.get(instanceArn ?? "")?.status === "ACTIVE";
}

const inOrder = (tasks: readonly TaskState[]): TaskState[] => [...tasks].sort((a, b) => (a.arn < b.arn ? -1 : 1));

/** Whose turn it is, by the end of its id and the minute: the same for two functions that look at once. */
function byTurn(tasks: readonly TaskState[], now: number): TaskState[] {
  const minute = Math.imul(Math.floor(now / MINUTE_MS), MINUTE_FACTOR);
  const turns = new Map(
    tasks.map((task) => [task, Math.imul((Number.parseInt(task.arn.slice(-8), 16) || 0) ^ minute, ID_FACTOR) >>> 0]),
  );
  return [...tasks].sort((a, b) => turns.get(a)! - turns.get(b)!);
}

/** The first of those on the emptiest instance. */
function onEmptiest(tasks: readonly TaskState[], held: ReadonlyMap<string, number>): TaskState | undefined {
  let best: TaskState | undefined;
  let fewest = Infinity;
  for (const task of tasks) {
    const here = held.get(task.instanceArn ?? "") ?? 0;
    if (here >= fewest) continue;
    best = task;
    fewest = here;
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
