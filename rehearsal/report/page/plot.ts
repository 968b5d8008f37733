/** A chart on the shared time axis. */
import uPlot from "uplot";
import type { Chart, ChartSeries } from "../charts";
import { markOf, shortNumberOf, timeOf } from "../format";
import type { View } from "../view";
import { colour } from "./theme";

/** Seconds between two marks of the axis. */
const DISTANCES = [
  1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 432_000, 864_000,
];
const AXIS_WIDTH = 58;

export interface PlotOptions {
  readonly height: number;
  readonly view: View;
  readonly select: (view: View) => void;
}

/** Nothing is chosen any more; a part that is being chosen is seen in every plot. */
export const unselect = (plot: uPlot): void => plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);

/** What all plots share: axis, cursor, and how a part is chosen. */
export function baseOptions(width: number, { height, view, select }: PlotOptions): Omit<uPlot.Options, "series"> {
  const axis = {
    stroke: () => colour("text-soft"),
    grid: { stroke: () => colour("line"), width: 1 },
    font: "12px system-ui, sans-serif",
  };
  return {
    width,
    height,
    scales: { x: { time: false, auto: false, min: view.from, max: view.to, range: (_, min, max) => [min, max] } },
    cursor: {
      sync: { key: "time", filters: { sub: (type) => type === "mousemove" || type === "mouseleave", pub: () => true } },
      drag: { x: true, y: false, setScale: false },
      points: { show: false },
    },
    axes: [
      {
        ...axis,
        incrs: DISTANCES,
        space: 64,
        values: (_, splits, __, ___, distance) => splits.map((at) => markOf(at, distance)),
      },
      { ...axis, size: AXIS_WIDTH, values: (_, splits) => splits.map(shortNumberOf) },
    ],
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width: selected } = plot.select;
          if (selected < 4) return;
          select({ from: plot.posToVal(left, "x"), to: plot.posToVal(left + selected, "x") });
        },
      ],
    },
  };
}

export function plotChart(
  into: HTMLElement,
  chart: Chart,
  bucketSeconds: number,
  end: number,
  options: PlotOptions,
): uPlot {
  const base = baseOptions(into.clientWidth, options);
  const starts = chart.series[0]!.values.map((_, index) => index * bucketSeconds);
  // The last value holds until the end.
  const extended = ({ values, look }: ChartSeries): (number | null)[] => [
    ...values,
    look === "bars" ? null : values.at(-1)!,
  ];
  return new uPlot(
    {
      ...base,
      scales: { ...base.scales, y: { range: (_, __, max) => [0, Math.max(1, max ?? 1) * 1.08] } },
      series: [{ label: "time", value: (_, at) => (at === null ? "–" : timeOf(at)) }, ...chart.series.map(drawn)],
      bands: chart.band && [{ series: [chart.band[0] + 1, chart.band[1] + 1], fill: () => colour("band") }],
    },
    [[...starts, end], ...chart.series.map(extended)] as uPlot.AlignedData,
    into,
  );
}

function drawn({ label, colour: name, look }: ChartSeries, index: number): uPlot.Series {
  const isPart = look === "bars" && index > 0;
  return {
    label,
    stroke: () => colour(name),
    fill: look === "bars" ? () => colour(name) : undefined,
    width: look === "dashes" || name === "soft" ? 1 : 1.5,
    dash: look === "dashes" ? [5, 4] : undefined,
    // What a bar is made of is told in the legend, not drawn over it.
    paths: isPart
      ? () => null
      : look === "bars"
        ? uPlot.paths.bars!({ size: [1, 60, 2], align: 1 })
        : uPlot.paths.stepped!({ align: 1 }),
    points: { show: false },
    value: (_, value) => (value === null ? "–" : shortNumberOf(value)),
  };
}
