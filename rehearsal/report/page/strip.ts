/** An interruption second by second: a line for each instance and task, coloured by state. */
import type { Change, Interruption, StripRow } from "../data";
import { lookOf } from "../states";
import { svg } from "./dom";

const ROW = 34;
const BAR = 15;
const TOP = 24;
const BEFORE_S = 5;
const LEAST_BAR = 4;
const LABELS: Readonly<Record<StripRow["kind"], string>> = {
  interrupted: "",
  task: "task ",
  newInstance: "new instance ",
  newTask: "new task ",
};

export interface Strip {
  readonly element: SVGElement;
  /** Shows a second, counted from the interruption. */
  readonly point: (second: number) => void;
  readonly from: number;
  readonly to: number;
}

/** From 5 s before it until the instance is gone and what came of it is over. */
export function spanOf({ at, takenAt, until, timing, failures }: Interruption): { from: number; to: number } {
  const ends = [
    (takenAt - at) / 1000,
    timing.lastExit,
    timing.replacementHealthy,
    ...failures.map(([second]) => second),
  ];
  const last = Math.max(...ends.map((end) => end ?? 0));
  return { from: -BEFORE_S, to: Math.min((until - at) / 1000, Math.ceil((last + 10) / 10) * 10) };
}

export function drawStrip(interruption: Interruption, width: number): Strip {
  const { from, to } = spanOf(interruption);
  const { at, takenAt, failures } = interruption;
  const rows = interruption.rows.filter(({ changes }) => (changes[0]?.[0] ?? Infinity) < at + to * 1000);
  const xOf = (second: number): number => ((second - from) / (to - from)) * width;
  const height = TOP + (rows.length + (failures.length > 0 ? 1 : 0)) * ROW + 8;
  const element = svg("svg", {
    class: "strip",
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": "States second by second; the tables below say the same",
  });
  element.append(...ticks(from, to, xOf, height), end((takenAt - at) / 1000, xOf, height));
  rows.forEach((row, index) => element.append(drawRow(row, at, to, xOf, TOP + index * ROW)));
  if (failures.length > 0) element.append(drawFailures(failures, xOf, TOP + rows.length * ROW));
  const pointer = svg("line", { class: "pointer", y1: TOP - 6, y2: height, x1: xOf(0), x2: xOf(0) });
  element.append(pointer);
  return {
    element,
    from,
    to,
    point: (second) => {
      pointer.setAttribute("x1", String(xOf(second)));
      pointer.setAttribute("x2", String(xOf(second)));
    },
  };
}

/** A mark for every second, a number for every tenth or thirtieth. */
function ticks(from: number, to: number, xOf: (second: number) => number, height: number): SVGElement[] {
  const named = xOf(10) - xOf(0) > 44 ? 10 : 30;
  const all: SVGElement[] = [];
  for (let second = from; second <= to; second++) {
    const isNamed = second % named === 0;
    const y2 = isNamed ? height : TOP - 4;
    all.push(svg("line", { class: isNamed ? "ten" : "one", x1: xOf(second), x2: xOf(second), y1: TOP - 8, y2 }));
    if (isNamed && second < to)
      all.push(svg("text", { x: xOf(second) + 2, y: TOP - 12 }, `${second < 0 ? "−" : "+"}${Math.abs(second)} s`));
  }
  return all;
}

function end(second: number, xOf: (second: number) => number, height: number): SVGElement {
  const line = svg("line", { class: "taken", x1: xOf(second), x2: xOf(second), y1: TOP - 8, y2: height });
  line.append(svg("title", {}, `EC2 takes the instance ${second} s after the beginning`));
  return line;
}

function drawRow(row: StripRow, at: number, to: number, xOf: (second: number) => number, y: number): SVGElement {
  const seconds = (time: number): number => Math.min(to, Math.max(-BEFORE_S, (time - at) / 1000));
  const group = svg("g", {}, svg("text", { class: "who", x: 4, y: y + 12 }, `${LABELS[row.kind]}${row.label}`));
  row.changes.forEach((change, index) => {
    const until = row.changes[index + 1]?.[0] ?? row.endedAt ?? Infinity;
    // What it was at the beginning it was a little before.
    const begin = index === 0 && row.kind !== "newTask" && row.kind !== "newInstance" ? -BEFORE_S : seconds(change[0]);
    group.append(...bar(change, xOf(begin), xOf(seconds(until)), y + 16));
  });
  if (row.endedAt !== undefined && (row.endedAt - at) / 1000 <= to) {
    const x = xOf(seconds(row.endedAt));
    group.append(
      svg(
        "path",
        { class: "exit", d: `M${x} ${y + 15}v${BAR + 2}` },
        svg("title", {}, `ended at +${((row.endedAt - at) / 1000).toFixed(1)} s`),
      ),
    );
  }
  return group;
}

/** What is over at once is still seen: before its end. */
function bar([, state]: Change, left: number, right: number, y: number): SVGElement[] {
  const { label, tone } = lookOf(state);
  const width = Math.max(LEAST_BAR, right - left);
  const x = right - left < LEAST_BAR ? right - LEAST_BAR : left;
  const rectangle = svg("rect", { class: `bar-${tone}`, x, y, width, height: BAR }, svg("title", {}, label));
  if (width < label.length * 6.2 + 8) return [rectangle];
  return [rectangle, svg("text", { class: `on-${tone}`, x: x + 4, y: y + 11 }, label)];
}

function drawFailures(failures: Interruption["failures"], xOf: (second: number) => number, y: number): SVGElement {
  const most = Math.max(...failures.map(([, , count]) => count));
  const group = svg("g", {}, svg("text", { class: "who", x: 4, y: y + 12 }, "failed requests, when they were counted"));
  for (const [second, cause, count] of failures) {
    const height = Math.max(3, (count / most) * BAR);
    const x = xOf(second);
    group.append(
      svg(
        "rect",
        { class: "bar-bad", x, y: y + 16 + BAR - height, width: Math.max(3, xOf(1) - xOf(0)), height },
        svg("title", {}, `${count} ${cause} at +${second} s`),
      ),
    );
  }
  return group;
}
