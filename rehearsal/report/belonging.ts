/** Which of the log lines of its time belong to an interruption. */
import type { Interruption, KeptLine, LineFields } from "./data";

const BEFORE_MS = 5_000;

/** All lines of its time; `lines` is in time order. */
export function linesAround(lines: readonly KeptLine[], { at, until }: Interruption): readonly KeptLine[] {
  return lines.slice(firstFrom(lines, at - BEFORE_MS), firstFrom(lines, until + 1));
}

function firstFrom(lines: readonly KeptLine[], at: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lines[middle]![0] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Its instance, its tasks and what came instead; and what is about no instance at all, but for what functions print of others. */
export function belongs([, event, fields]: KeptLine, ids: ReadonlySet<string>): boolean {
  const named = namesOf(fields);
  if (named.length > 0) return named.some((each) => ids.has(each));
  const { text } = fields;
  if (typeof text === "string") return [...ids].some((id) => text.includes(id));
  return !event.startsWith("lambda.");
}

export const idsOf = ({ rows }: Interruption): ReadonlySet<string> => new Set(rows.map(({ id }) => id));

const namesOf = ({ task, instanceId }: LineFields): string[] =>
  [task, instanceId].filter((each) => typeof each === "string");
