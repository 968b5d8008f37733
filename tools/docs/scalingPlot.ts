/** A day of a rehearsal as a plot: the tasks that are wanted, and those that the instances have room for. */
import { readFileSync } from "node:fs";

interface LogLine {
  readonly t: number;
  readonly event: string;
  readonly desiredCount?: number;
}

const HOUR_MS = 3_600_000;
const POINTS_PER_HOUR = 2;

/** Of what is counted by an event, how much there is at each moment that is asked for. */
interface Series {
  readonly title: string;
  readonly values: readonly number[];
}

/** @param tasksPerInstance how many tasks one instance has room for */
export function scalingPlot(logFile: string, hours: number, tasksPerInstance: number): string {
  const lines = readFileSync(logFile, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as LogLine);
  const moments = Array.from(
    { length: hours * POINTS_PER_HOUR + 1 },
    (_, index) => (index * HOUR_MS) / POINTS_PER_HOUR,
  );
  const room = sampled(lines, moments, 0, (instances, { event }) => instances + change(event));
  return xyChart(hours, [
    { title: "room on the instances", values: room.map((instances) => instances * tasksPerInstance) },
    { title: "desired tasks", values: sampled(lines, moments, 0, (_, { desiredCount }) => desiredCount) },
  ]);
}

function change(event: string): number {
  if (event === "ecs.InstanceRegistered") return 1;
  return event === "ecs.InstanceDeregistered" ? -1 : 0;
}

function sampled(
  lines: readonly LogLine[],
  moments: readonly number[],
  first: number,
  next: (value: number, line: LogLine) => number | undefined,
): number[] {
  let value = first;
  let index = 0;
  return moments.map((moment) => {
    for (let line = lines[index]; line !== undefined && line.t <= moment; line = lines[++index]) {
      value = next(value, line) ?? value;
    }
    return value;
  });
}

/** @see https://mermaid.js.org/syntax/xyChart.html */
function xyChart(hours: number, series: readonly Series[]): string {
  const most = Math.max(...series.flatMap(({ values }) => values));
  return [
    "xychart-beta",
    `    title "${series.map(({ title }) => title).join(", ")}"`,
    `    x-axis "hours" 0 --> ${hours}`,
    `    y-axis "tasks" 0 --> ${Math.ceil(most / 5) * 5}`,
    ...series.map(({ values }) => `    line [${values.join(", ")}]`),
  ].join("\n");
}
