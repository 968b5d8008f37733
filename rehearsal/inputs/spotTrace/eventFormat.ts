import { type CsvRow, type CsvTable, numberIn } from "../csv";
import { groupBy } from "../groupBy";
import type { ProblemList } from "../inputError";
import { hours, type LevelFall, type LevelStep, type LevelTrace } from "./types";

/** `t_s,op,node`: a node joins (`add`) or leaves (`remove`) a Spot group at `t_s` seconds; the group starts empty. */
export const EVENT_COLUMNS = ["t_s", "op", "node"] as const;

interface NodeEvent {
  readonly atMs: number;
  readonly op: "add" | "remove";
  readonly node: string;
}

/** All removals of one instant are one fall. @throws InputError with every wrong row */
export function readEventFormat(table: CsvTable, problems: ProblemList): LevelTrace {
  const events = readEvents(table, problems);
  problems.throwIfAny();
  const { steps, falls } = followLevel(events);
  const durationMs = events.at(-1)!.atMs;
  const most = Math.max(...steps.map(({ level }) => level));
  const source = `${table.name}: nodes of one Spot group, ${hours(durationMs)}, at most ${most}`;
  return { kind: "level", source, durationMs, steps, falls };
}

function readEvents(table: CsvTable, problems: ProblemList): NodeEvent[] {
  const present = new Set<string>();
  const events: NodeEvent[] = [];
  let latest = 0;
  for (const row of table.rows) {
    const event = readEvent(row, latest, problems);
    if (event === undefined) continue;
    checkNode(row, event, present, problems);
    latest = Math.max(latest, event.atMs);
    events.push(event);
  }
  return events;
}

function readEvent(row: CsvRow, latest: number, problems: ProblemList): NodeEvent | undefined {
  const seconds = numberIn(row, "t_s", { min: 0 }, problems);
  const { op, node = "" } = row.values;
  if (op !== "add" && op !== "remove") {
    problems.add({
      where: row.where,
      given: `op is ${JSON.stringify(op)}`,
      allowed: "add or remove",
      fix: "correct op on this line",
    });
    return undefined;
  }
  if (seconds === undefined) return undefined;
  const atMs = Math.round(seconds * 1000);
  if (atMs < latest) {
    problems.add({
      where: row.where,
      given: `t_s goes back to ${seconds} from ${latest / 1000}`,
      allowed: "rows in time order",
      fix: "sort the rows by t_s",
    });
  }
  return { atMs, op, node };
}

function checkNode(row: CsvRow, { op, node }: NodeEvent, present: Set<string>, problems: ProblemList): void {
  const isPresent = present.has(node);
  if (isPresent === (op === "remove")) {
    if (op === "add") present.add(node);
    else present.delete(node);
    return;
  }
  problems.add({
    where: row.where,
    given: op === "add" ? `${node} is added while it is there` : `${node} is removed while it isn't there`,
    allowed: "each node is added, then removed at most once before it is added again",
    fix: op === "add" ? "give the node a fresh name" : "add the node on an earlier line",
  });
}

function followLevel(events: readonly NodeEvent[]): { steps: LevelStep[]; falls: LevelFall[] } {
  const steps: LevelStep[] = [{ atMs: 0, level: 0 }];
  const falls: LevelFall[] = [];
  for (const [atMs, together] of groupBy(events, (event) => event.atMs)) {
    const from = steps.at(-1)!.level;
    const added = new Set(together.filter(({ op }) => op === "add").map(({ node }) => node));
    const removed = together.filter(({ op }) => op === "remove");
    // A node that comes and goes at the same instant never counted towards the level.
    const lost = removed.filter(({ node }) => !added.has(node)).length;
    if (lost > 0) falls.push({ atMs, from, to: from - lost });
    if (atMs === 0) steps.pop();
    steps.push({ atMs, level: from + added.size - removed.length });
  }
  return { steps, falls };
}
