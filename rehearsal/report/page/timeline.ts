/** The charts of one variant over time, which are zoomed and moved together. */
import type uPlot from "uplot";
import { chartsOf } from "../charts";
import type { Recording } from "../data";
import { numberOf, timeOf } from "../format";
import { lookOf, STATES } from "../states";
import { afterKey, clamped, moved, zoomed, type View } from "../view";
import { chartTable } from "./chartTable";
import { el } from "./dom";
import { listenTo, type Viewer } from "./gestures";
import { laneHeight, plotLanes } from "./lanes";
import { plotChart, unselect } from "./plot";

const CHART_HEIGHT = 180;

export class Timeline implements Viewer {
  readonly element = el("div");
  view: View;
  readonly whole: View;
  private plots: uPlot[] = [];
  private readonly tables: (() => void)[] = [];
  private readonly shown = el("output", { class: "shown" });
  private readonly charts: HTMLElement;
  private isAsked = false;

  constructor(
    private readonly recording: Recording,
    view: View | undefined,
    private readonly open: (instance: string) => void,
  ) {
    this.whole = { from: 0, to: recording.durationMs / 1000 };
    this.view = clamped(view ?? this.whole, this.whole);
    this.charts = el("div", {
      class: "charts",
      id: "charts",
      tabindex: 0,
      role: "group",
      "aria-label": "Charts over time",
      "aria-describedby": "charts-keys",
      keydown: (event) => this.onKey(event as KeyboardEvent),
    });
    this.element.append(this.toolbar(), this.charts);
  }

  /** Once it stands in the page, since charts need its width. */
  draw(): void {
    const { recording, charts } = this;
    for (const plot of this.plots) plot.destroy();
    this.plots = [];
    this.tables.length = 0;
    charts.replaceChildren();
    this.drawLanes();
    const bucketSeconds = recording.bucketMs / 1000;
    for (const chart of chartsOf(recording)) {
      const into = this.figure(chart.title, chart.summary);
      const options = { height: CHART_HEIGHT, view: this.view, select: (view: View) => this.show(view) };
      this.add(plotChart(into, chart, bucketSeconds, this.whole.to, options), into);
      const { element, refresh } = chartTable(chart, bucketSeconds, () => this.view);
      into.after(element);
      this.tables.push(refresh);
    }
    this.tell();
  }

  /** At most once for each picture, however fast it is told. */
  show(view: View): void {
    this.view = clamped(view, this.whole);
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame(() => {
      this.isAsked = false;
      const { from: min, to: max } = this.view;
      for (const plot of this.plots) {
        unselect(plot);
        plot.setScale("x", { min, max });
      }
      this.tell();
    });
  }

  resize(): void {
    const width = this.charts.querySelector(".plot")?.clientWidth;
    if (width !== undefined) for (const plot of this.plots) plot.setSize({ width, height: plot.height });
  }

  redraw(): void {
    for (const plot of this.plots) plot.redraw(false, true);
  }

  private drawLanes(): void {
    const { recording } = this;
    const lost = numberOf(recording.interruptions.length);
    const lived = numberOf(recording.instances.filter(({ endedAt }) => (endedAt ?? 0) >= 0).length);
    const into = this.figure(
      "Instances",
      `${lived} instances, each in one row while it lived; ${lost} interruptions. Click an instance that was interrupted to open it.`,
    );
    const options = { height: laneHeight(recording), view: this.view, select: (view: View) => this.show(view) };
    this.add(plotLanes(into, recording, options, this.open), into);
    into.after(this.legend());
  }

  /** Only the states that there were. */
  private legend(): HTMLElement {
    const found = new Set(this.recording.instances.flatMap(({ changes }) => changes.map(([, state]) => state)));
    const inOrder = [
      ...Object.keys(STATES).filter((state) => found.has(state)),
      ...[...found].filter((state) => !(state in STATES)),
    ];
    const entry = (tone: string, label: string): HTMLElement =>
      el("li", {}, el("span", { class: `swatch ${tone}` }), label);
    return el(
      "ul",
      { class: "legend" },
      ...inOrder.map((state) => entry(`tone-${lookOf(state).tone}`, lookOf(state).label)),
      this.recording.recommendations.length > 0 && entry("mark", "rebalance recommendation"),
      this.recording.outages.length > 0 && entry("outage", "no pool had an instance to give"),
    );
  }

  private figure(title: string, summary: string): HTMLElement {
    const into = el("div", { class: "plot", "aria-hidden": true });
    into.setAttribute("aria-hidden", "true");
    this.charts.append(el("figure", {}, el("figcaption", {}, el("h3", {}, title), el("p", {}, summary)), into));
    return into;
  }

  private add(plot: uPlot, into: HTMLElement): void {
    this.plots.push(plot);
    listenTo(plot, this);
    into.dataset.drawn = "true";
  }

  private toolbar(): HTMLElement {
    const button = (label: string, name: string, next: () => View): HTMLElement =>
      el("button", { type: "button", "aria-label": name, title: name, click: () => this.show(next()) }, label);
    const middle = (): number => (this.view.from + this.view.to) / 2;
    return el(
      "div",
      { class: "toolbar", role: "toolbar", "aria-label": "Time shown" },
      button("←", "Earlier", () => moved(this.view, -0.5, this.whole)),
      button("→", "Later", () => moved(this.view, 0.5, this.whole)),
      button("+", "Closer", () => zoomed(this.view, 0.5, middle(), this.whole)),
      button("−", "Farther", () => zoomed(this.view, 2, middle(), this.whole)),
      button("Whole", "Whole time", () => this.whole),
      this.shown,
    );
  }

  private tell(): void {
    this.shown.textContent = `${timeOf(this.view.from)} to ${timeOf(this.view.to)}`;
    for (const refresh of this.tables) refresh();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.target !== this.charts || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = afterKey(event.key, this.view, this.whole);
    if (next === undefined) return;
    event.preventDefault();
    this.show(next);
  }
}
