/** The numbers behind a chart, for whoever would rather read or hear them. */
import { tableOf, type Chart } from "../charts";
import { shortNumberOf, timeOf } from "../format";
import type { View } from "../view";
import { el } from "./dom";

export interface ChartTable {
  readonly element: HTMLElement;
  /** Other times are shown now. */
  readonly refresh: () => void;
}

export function chartTable(chart: Chart, bucketSeconds: number, view: () => View): ChartTable {
  const body = el("tbody");
  const header = ["from", ...chart.series.map(({ label }) => label)].map((label) => el("th", { scope: "col" }, label));
  const name = `${chart.title} in numbers`;
  const table = el("table", {}, el("caption", {}, name), el("thead", {}, el("tr", {}, ...header)), body);
  const fill = (): void =>
    body.replaceChildren(
      ...tableOf(chart, bucketSeconds, view()).map(({ from, cells }) =>
        el("tr", {}, el("th", { scope: "row" }, timeOf(from)), ...cells.map((cell) => el("td", {}, cellOf(cell)))),
      ),
    );
  const refresh = (): void => {
    if (element.open) fill();
  };
  const element = el(
    "details",
    { class: "numbers", toggle: refresh },
    el("summary", {}, name),
    el("div", { class: "wide", role: "region", "aria-label": name, tabindex: 0 }, table),
  );
  return { element, refresh };
}

const cellOf = ([least, most]: readonly [number, number]): string =>
  least === most ? shortNumberOf(least) : `${shortNumberOf(least)} to ${shortNumberOf(most)}`;
