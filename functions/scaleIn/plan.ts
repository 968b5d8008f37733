/** Whether tasks are to retire, how many and which, as a pure function of what AWS tells. */
import { reasonToLeaveTurn } from "../precedence";
import { isOwn, isWorking, reasonToHalt, reasonToWait, type Aim, type RetireAction } from "../retire/plan";
import { choose } from "./choice";
import type { TaskState } from "../retire/state";
import type { ScaleInSettings } from "./settings";
import type { ScaleInState } from "./state";

/** At most so many at once: each is tagged by a call of its own, and ECS lets an account make 20 at once, then 10 a second. */
export const MOST_AT_ONCE = 16;

/** What retiring is for: less load, as long as nothing asks for more tasks. */
export function aimOf({ alarms, bounds }: Pick<ScaleInState, "alarms" | "bounds">): Aim {
  const out = alarms.scaleOut.find(({ state }) => state === "ALARM");
  const haltedBecause =
    out !== undefined
      ? `scaling out: ${out.name}`
      : bounds?.isSuspended === true
        ? "scaling in is suspended"
        : undefined;
  return { by: "scale-in function", haltedBecause, isWanted: alarms.low === "ALARM", minCount: bounds?.minCount };
}

/** For as long, no task of a service retires for less load. */
const NEW_MS = 120_000;

/** Tasks to mark now, or why there are none. */
export function planScaleIn(
  state: ScaleInState,
  settings: ScaleInSettings,
  now: number,
): { readonly marks: readonly RetireAction[]; readonly blockedBecause: string | undefined } {
  const blocked = (blockedBecause: string) => ({ marks: [], blockedBecause });
  const gate = reasonToBlock(state) ?? reasonToKeep(state, now);
  if (gate !== undefined) return blocked(gate);
  const tier = tierOf(state, settings);
  if (tier === undefined) return blocked(`no tier holds: a load of ${state.load}`);
  const retiring = state.tasks.filter((task) => isOwn(task, settings));
  const marked = retiring.length;
  // A round at a time: those that join it would hold up those that are about to settle.
  if (retiring.some((task) => !isWorking(task, now))) return blocked(`${marked} tasks are retiring already`);
  const room = roomOf(state, marked, settings);
  if (room <= 0) return blocked(isAtMinimum(state, settings) ? "at the minimum" : "the load needs as many tasks");
  const share = Math.max(1, Math.floor((state.tasks.length * settings.mostSharePercent) / 100));
  const count = Math.min(Math.min(tier.remove, share, MOST_AT_ONCE) - marked, room);
  if (count <= 0) return blocked(`${marked} tasks are retiring already`);
  const chosen = choose(state, count, { takesWorking: settings.workPatienceSeconds > 0, now });
  if (chosen.length === 0) return blocked("every task is protected and patience is 0");
  const reason = `below ${tier.below}: a load of ${state.load}`;
  const marks = chosen.map((task): RetireAction => {
    return { kind: "mark", taskArn: task.arn, targets: task.targets ?? [], again: false, reason };
  });
  return { marks, blockedBecause: undefined };
}

/**
 * A task that was just made is there for a reason that may not be seen yet: a load that has risen, or tasks that move, of which the
 * rebalance marks none before the new ones serve.
 */
function reasonToKeep({ tasks }: ScaleInState, now: number): string | undefined {
  const isNew = ({ createdAt }: TaskState): boolean => createdAt !== undefined && now - createdAt < NEW_MS;
  return tasks.some(isNew) ? "tasks have just been started" : undefined;
}

/** The first gate that is closed. */
function reasonToBlock(state: ScaleInState): string | undefined {
  const { alarms, bounds, load } = state;
  if (alarms.low !== "ALARM") return `the low alarm is ${alarms.low ?? "missing"}`;
  const missing = alarms.scaleOut.find((alarm) => alarm.state === undefined);
  if (missing !== undefined) return `there is no alarm ${missing.name}, so scaling out could not be seen`;
  if (bounds === undefined) return "the service is no scalable target";
  if (load === undefined) return "the load was not read";
  const areUntold = state.tasks.length > 0 && state.tasks.every((task) => task.targets === undefined);
  if (areUntold) return "the targets of its tasks can't be told";
  return aimOf(state).haltedBecause ?? reasonToHalt(state) ?? reasonToWait(state) ?? turnOf(state);
}

/** Of a steady service no instance drains, nothing is deployed and nothing is short; what else goes on its tasks' marks tell. */
function turnOf({ tasks }: ScaleInState): string | undefined {
  const rebalance = tasks.some(({ markedBy }) => markedBy === "rebalance");
  return reasonToLeaveTurn("scaleIn", { draining: false, deployment: false, shortage: false, rebalance });
}

/** The lowest tier that holds. */
function tierOf(
  { load = 0, service }: ScaleInState,
  settings: ScaleInSettings,
): ScaleInSettings["tiers"][number] | undefined {
  const measured = isPerTarget(settings);
  const tasks = Math.max(1, service.runningCount);
  const factor = measured === (settings.tiersPer !== "service") ? 1 : measured ? tasks : 1 / tasks;
  const inOrder = [...settings.tiers].sort((a, b) => a.below - b.below);
  return inOrder.find((tier) => load * factor < tier.below);
}

/** The one metric of the balancer whose sum is per target already. */
function isPerTarget({ loadMetrics }: ScaleInSettings): boolean {
  return loadMetrics.some(({ metricName }) => metricName === "RequestCountPerTarget");
}

/** How many more may go, with the marked ones gone already: down to the fewest, and to as many that serve. */
function roomOf(state: ScaleInState, marked: number, settings: ScaleInSettings): number {
  const { service, tasks } = state;
  const serving = tasks.filter(
    (task) => task.markedAt === undefined && task.targets?.every(({ health }) => health === "healthy"),
  );
  return Math.min(service.desiredCount - marked, serving.length) - fewest(state, settings);
}

const minimum = ({ service, bounds }: ScaleInState): number => bounds?.minCount ?? service.desiredCount;

/** The minimum, or more where that would leave a task with more load than it may have: it would be scaled out again. */
function fewest(state: ScaleInState, { mostPerTask }: ScaleInSettings): number {
  const { load = 0 } = state;
  return Math.max(minimum(state), mostPerTask === undefined ? 0 : Math.ceil(load / mostPerTask));
}

const isAtMinimum = (state: ScaleInState, settings: ScaleInSettings): boolean =>
  fewest(state, settings) === minimum(state);

/**
 * Workers that wait for an instance although those that run are enough: they have no work yet, and are stopped at once. Otherwise
 * nothing would scale in for as long as there is no capacity, and then too much would start.
 */
export function planUnplaced(state: ScaleInState, settings: ScaleInSettings): RetireAction[] {
  const { service, tasks, alarms } = state;
  const isHalted = alarms.low !== "ALARM" || aimOf(state).haltedBecause !== undefined || service.isDeploying;
  const isKnown = state.load !== undefined && alarms.scaleOut.every((alarm) => alarm.state !== undefined);
  if (settings.mostPerTask === undefined || isHalted || !isKnown || tasks.length !== service.desiredCount) return [];
  const unplaced = tasks.filter((task) => task.instanceArn === undefined && task.lastStatus === "PROVISIONING");
  const { desiredCount: from } = service;
  const chosen = unplaced.slice(0, Math.max(0, Math.min(from - fewest(state, settings), MOST_AT_ONCE)));
  if (chosen.length === 0) return [];
  const reason = "scale-in function: it has found no instance, and isn't needed any more";
  return [
    ...chosen.map((task): RetireAction => ({ kind: "stop", taskArn: task.arn, reason })),
    { kind: "lower", from, to: from - chosen.length, reason: "as many tasks were stopped" },
  ];
}
