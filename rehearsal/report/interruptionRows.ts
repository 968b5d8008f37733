/** What an interruption looked like, from the log lines of its time: its strip, its milestones and how long things took. */
import type { Change, Interruption, KeptLine, LineFields, Milestone, StripRow, Timing } from "./data";
import { INSTANCE_EVENTS, TASK_EVENTS, type Next } from "./states";

/** A task as it was when the interruption began. */
export interface TaskAtStart {
  readonly task: string;
  readonly label: string;
  readonly state: string;
}

export interface OpenInterruption {
  readonly at: number;
  readonly takenAt: number;
  readonly until: number;
  readonly instance: string;
  readonly type: string;
  readonly zone: string;
  readonly noticed: boolean;
  readonly stateBefore: string;
  /** Services that had fewer tasks serving than desired. */
  readonly below: number;
  readonly tasks: readonly TaskAtStart[];
}

interface GrowingRow {
  readonly id: string;
  readonly kind: StripRow["kind"];
  readonly label: string;
  readonly changes: Change[];
  endedAt?: number;
}

/** How each event that stands for a step is told. */
const STEPS: Readonly<Record<string, (fields: LineFields) => string>> = {
  "ec2.InterruptionDecided": ({ notice }) =>
    notice === false ? "is being taken back, without a notice" : "interruption notice",
  "ecs.InstanceStatus": ({ status, by }) => `${String(status)}, by ${String(by)}`,
  "autoScaling.Detached": () => "detached from its group",
  "ec2.Launched": ({ instanceType, availabilityZone }) =>
    `launched: ${String(instanceType)} in ${String(availabilityZone)}`,
  "ecs.InstanceRegistered": () => "registered with ECS",
  "elb.Deregistered": () => "deregistered from the load balancer",
  "elb.HealthChanged": ({ health }) => `${String(health)} at the load balancer`,
  "ecs.TaskPlaced": () => "placed",
  "ecs.TaskRunning": () => "RUNNING",
  "container.Sigterm": () => "SIGTERM",
  "container.Exited": ({ exit }) => EXITS[String(exit)] ?? `exit: ${String(exit)}`,
  "ec2.Terminated": ({ reason }) => `ended: ${String(reason)}`,
};

const EXITS: Readonly<Record<string, string>> = {
  finished: "exited by itself",
  killed: "killed by SIGKILL",
  hostLost: "lost with its host",
};

const taskOf = ({ task }: LineFields): string | undefined => (typeof task === "string" ? task : undefined);
const instanceOf = ({ instanceId }: LineFields): string | undefined =>
  typeof instanceId === "string" ? instanceId : undefined;

/** @param lines of the interruption's time, with what came a little before it */
export function describeInterruption(
  open: OpenInterruption,
  lines: readonly KeptLine[],
  hasLines: boolean,
): Interruption {
  const rows = new Rows(open);
  const milestones: Milestone[] = [];
  for (const [at, event, fields] of lines) {
    if (at < open.at || at > open.until) continue;
    const row = rows.onEvent(at, event, fields);
    const step = STEPS[event];
    if (step !== undefined && row !== undefined) milestones.push({ at, what: step(fields), who: row.label });
  }
  const { stateBefore: _, below: __, tasks, ...rest } = open;
  const within = lines.filter(([at]) => at >= open.at && at <= open.until);
  const failures = failuresOf(open, within);
  return {
    ...rest,
    tasks: tasks.length,
    killed: within.filter(([, event, fields]) => isKill(event, fields, tasks)).length,
    failed: failures.reduce((sum, [, , count]) => sum + count, 0),
    failures,
    belowSeconds: belowSeconds(open, lines),
    timing: timingOf(open, rows.all, within),
    rows: rows.all,
    milestones,
    hasLines,
  };
}

const isKill = (event: string, fields: LineFields, tasks: readonly TaskAtStart[]): boolean =>
  event === "container.Exited" && fields.exit !== "finished" && tasks.some(({ task }) => task === taskOf(fields));

/** The rows of a strip: what is lost, and what comes instead. */
class Rows {
  readonly all: GrowingRow[];
  private readonly byId = new Map<string, GrowingRow>();

  constructor(open: OpenInterruption) {
    const { instance, type, zone, stateBefore, at, tasks } = open;
    this.all = [];
    this.add({
      id: instance,
      kind: "interrupted",
      label: `${instance} (${type}, ${zone})`,
      changes: [[at, stateBefore]],
    });
    for (const { task, label, state } of tasks) this.add({ id: task, kind: "task", label, changes: [[at, state]] });
  }

  onEvent(at: number, event: string, fields: LineFields): GrowingRow | undefined {
    const task = taskOf(fields);
    const instance = instanceOf(fields);
    if (task === undefined && instance === undefined) return undefined;
    if (event === "ec2.Launched") this.add(newInstance(instance!, fields));
    if (event === "ecs.TaskPlaced") this.add(newTask(task!, fields));
    const row = this.byId.get((task ?? instance)!);
    const next = (task === undefined ? INSTANCE_EVENTS : TASK_EVENTS)[event];
    if (row !== undefined && next !== undefined) change(row, at, next, fields);
    return row;
  }

  private add(row: GrowingRow): void {
    if (this.byId.has(row.id)) return;
    this.byId.set(row.id, row);
    this.all.push(row);
  }
}

function change(row: GrowingRow, at: number, next: Next, fields: LineFields): void {
  if (row.endedAt !== undefined) return;
  const was = row.changes.at(-1)?.[1];
  const state = next(fields, was);
  if (state === undefined) row.endedAt = at;
  else if (state !== was) row.changes.push([at, state]);
}

const newInstance = (id: string, { instanceType, availabilityZone }: LineFields): GrowingRow => ({
  id,
  kind: "newInstance",
  label: `${id} (${String(instanceType)}, ${String(availabilityZone)})`,
  changes: [],
});

const newTask = (id: string, { label }: LineFields): GrowingRow => ({
  id,
  kind: "newTask",
  label: typeof label === "string" ? label : id,
  changes: [],
});

/** By second and cause. */
function failuresOf({ at: from }: OpenInterruption, lines: readonly KeptLine[]): [number, string, number][] {
  const counts = new Map<string, [number, string, number]>();
  for (const [at, event, fields] of lines) {
    if (event !== "requests.Failed") continue;
    const second = Math.floor((at - from) / 1000);
    const cause = String(fields.cause);
    const known = counts.get(`${second} ${cause}`);
    if (known === undefined) counts.set(`${second} ${cause}`, [second, cause, Number(fields.count)]);
    else known[2] += Number(fields.count);
  }
  return [...counts.values()];
}

function belowSeconds({ at: from, until, below }: OpenInterruption, lines: readonly KeptLine[]): number {
  let services = below;
  let since = from;
  let belowMs = 0;
  for (const [at, event] of [...lines, [until, "end", {}] as const]) {
    if (at < from) continue;
    if (services > 0) belowMs += at - since;
    since = at;
    if (event === "service.BelowDesired") services++;
    if (event === "service.AtDesired") services--;
  }
  return belowMs / 1000;
}

function timingOf(open: OpenInterruption, rows: readonly GrowingRow[], lines: readonly KeptLine[]): Timing {
  const own = new Set(open.tasks.map(({ task }) => task));
  const times = (is: (event: string, fields: LineFields) => boolean): number[] =>
    lines.filter(([, event, fields]) => is(event, fields)).map(([at]) => (at - open.at) / 1000);
  const ofOwn = (wanted: string) => (event: string, fields: LineFields) =>
    event === wanted && own.has(taskOf(fields) ?? "");
  const draining = times(
    (event, fields) =>
      event === "ecs.InstanceStatus" && fields.status === "DRAINING" && instanceOf(fields) === open.instance,
  );
  const healthy = rows
    .filter(({ kind }) => kind === "newTask")
    .flatMap(({ changes }) => changes.filter(([, state]) => state === "healthy").map(([at]) => (at - open.at) / 1000));
  const enough = open.tasks.filter(({ state }) => state === "healthy").length;
  return {
    draining: open.stateBefore === "DRAINING" ? 0 : draining[0],
    lastTargetOut: times(ofOwn("elb.Deregistered")).at(-1),
    lastExit: times(ofOwn("container.Exited")).at(-1),
    replacementHealthy: enough === 0 ? undefined : healthy.sort((a, b) => a - b)[enough - 1],
  };
}
