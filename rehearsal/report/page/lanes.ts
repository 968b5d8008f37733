/** The chart of instances: a row for each, coloured by state. */
import uPlot from "uplot";
import type { InstanceLife, Recording } from "../data";
import { lookOf, type Tone } from "../states";
import { baseOptions, type PlotOptions } from "./plot";
import { colour } from "./theme";

const LEAST_HEIGHT = 120;
const MOST_HEIGHT = 420;

export const laneHeight = ({ rows }: Recording): number =>
  Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, rows * 16 + 56));

export function plotLanes(
  into: HTMLElement,
  recording: Recording,
  options: PlotOptions,
  open: (instance: string) => void,
): uPlot {
  const base = baseOptions(into.clientWidth, options);
  const { rows } = recording;
  const [x, y] = base.axes!;
  const plot = new uPlot(
    {
      ...base,
      legend: { show: false },
      scales: { ...base.scales, y: { auto: false, min: 0, max: rows, range: () => [0, rows] } },
      axes: [x!, { ...y, grid: { show: false }, ticks: { show: false }, values: () => [] }],
      series: [{}, { points: { show: false } }],
      hooks: { ...base.hooks, drawClear: [(u) => draw(u, recording)] },
    },
    [
      [0, recording.durationMs / 1000],
      [null, null],
    ] as unknown as uPlot.AlignedData,
    into,
  );
  plot.over.addEventListener("click", ({ offsetX, offsetY }) => {
    const found = instanceAt(recording, plot.posToVal(offsetX, "x") * 1000, Math.floor(plot.posToVal(offsetY, "y")));
    if (found !== undefined) open(found.id);
  });
  return plot;
}

function instanceAt({ instances, durationMs }: Recording, at: number, row: number): InstanceLife | undefined {
  return instances.find((each) => each.row === row && each.changes[0]![0] <= at && (each.endedAt ?? durationMs) >= at);
}

function draw(plot: uPlot, recording: Recording): void {
  const { ctx, bbox } = plot;
  const { rows, durationMs } = recording;
  const xOf = (at: number): number => plot.valToPos(at / 1000, "x", true);
  const height = bbox.height / rows;
  const topOf = (row: number): number => bbox.top + bbox.height - (row + 1) * height;
  const rowHeight = height - Math.min(2, height / 4);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = colour("outage");
  for (const [from, to] of recording.outages)
    ctx.fillRect(xOf(from), bbox.top, Math.max(2, xOf(to) - xOf(from)), bbox.height);
  const rectangles = rectanglesOf(plot, recording);
  for (const [tone, all] of rectangles) {
    ctx.fillStyle = colour(`tone-${tone}`);
    // Short states are drawn wide enough to be seen.
    for (const [from, to, row] of all)
      ctx.fillRect(xOf(from), topOf(row), Math.max(1.5, xOf(Math.min(to, durationMs)) - xOf(from)), rowHeight);
  }
  ctx.fillStyle = colour("text");
  for (const [at, row] of recording.recommendations) ctx.fillRect(xOf(at), topOf(row), 1.5, rowHeight / 2);
  ctx.restore();
}

type Rectangle = readonly [from: number, to: number, row: number];

/** What is seen, by tone: one colour is set once. What passes quickly is drawn over what lasts. */
function rectanglesOf(plot: uPlot, { instances, durationMs }: Recording): Map<Tone, Rectangle[]> {
  const { min, max } = plot.scales.x!;
  const found = new Map<Tone, Rectangle[]>([["good", []]]);
  for (const { changes, endedAt = durationMs, row } of instances) {
    if (changes[0]![0] > max! * 1000 || endedAt < min! * 1000) continue;
    changes.forEach(([from, state], index) => {
      const { tone } = lookOf(state);
      const rectangle: Rectangle = [from, changes[index + 1]?.[0] ?? endedAt, row];
      const known = found.get(tone);
      if (known === undefined) found.set(tone, [rectangle]);
      else known.push(rectangle);
    });
  }
  return found;
}
