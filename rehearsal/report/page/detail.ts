/** One interruption, opened: its facts, its seconds, its steps and its log lines. */
import { idsOf, linesAround } from "../belonging";
import type { Interruption, KeptLine, StripRow } from "../data";
import { afterOf, numberOf, timeOf } from "../format";
import { lookOf } from "../states";
import { el } from "./dom";
import { lineTable } from "./lineTable";
import { drawStrip } from "./strip";

const LEAST_WIDTH = 680;

export interface DetailPorts {
  readonly variant: string;
  readonly lines: readonly KeptLine[];
  readonly close: () => void;
  /** Undefined: there is none. */
  readonly before: (() => void) | undefined;
  readonly after: (() => void) | undefined;
}

export function drawDetail(into: HTMLElement, interruption: Interruption, ports: DetailPorts): void {
  const { at, instance } = interruption;
  const title = el(
    "h3",
    { tabindex: -1, id: "interruption-title" },
    `${instance}, ${timeOf(at / 1000)}, ${ports.variant}`,
  );
  into.replaceChildren(navigation(ports), title, facts(interruption));
  const place = el("div", { class: "wide strip-place", role: "region", "aria-label": "Strip of seconds", tabindex: 0 });
  into.append(place);
  const strip = drawStrip(interruption, Math.max(LEAST_WIDTH, place.clientWidth - 2));
  place.append(strip.element);
  const lines = lineTable(interruption, linesAround(ports.lines, interruption), idsOf(interruption));
  const slider = secondSlider(interruption, strip, lines.point);
  into.append(slider, steps(interruption), lines.element);
  title.focus({ preventScroll: true });
  into.scrollIntoView({ block: "start" });
}

function navigation({ close, before, after }: DetailPorts): HTMLElement {
  const button = (label: string, click: (() => void) | undefined): HTMLElement =>
    el("button", { type: "button", disabled: click === undefined, click: () => click?.() }, label);
  return el("p", { class: "toolbar" }, button("Previous", before), button("Next", after), button("Close", close));
}

function facts({
  type,
  zone,
  noticed,
  tasks,
  killed,
  failed,
  belowSeconds,
  timing,
  takenAt,
  at,
}: Interruption): HTMLElement {
  const all: readonly (readonly [string, string])[] = [
    ["Pool", `${type}, ${zone}`],
    ["Notice", noticed ? `${numberOf((takenAt - at) / 1000)} s` : "none"],
    ["Tasks on it", numberOf(tasks)],
    ["DRAINING after", afterOf(timing.draining)],
    ["Last target out after", afterOf(timing.lastTargetOut)],
    ["Last task ended after", afterOf(timing.lastExit)],
    ["Replacements healthy after", afterOf(timing.replacementHealthy)],
    ["Below desired for", `${numberOf(belowSeconds, 1)} s`],
    ["Tasks killed", numberOf(killed)],
    ["Requests failed meanwhile", numberOf(failed)],
  ];
  return el(
    "dl",
    { class: "facts" },
    ...all.map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value))),
  );
}

function secondSlider(
  interruption: Interruption,
  { from, to, point }: ReturnType<typeof drawStrip>,
  pointLines: (second: number) => void,
): HTMLElement {
  const states = el("output", { for: "second", class: "states" });
  const slider = el("input", {
    type: "range",
    id: "second",
    min: from,
    max: to,
    step: 1,
    value: 0,
    input: () => show(),
  });
  const show = (): void => {
    const second = Number(slider.value);
    slider.setAttribute("aria-valuetext", `${second} seconds`);
    point(second);
    pointLines(second);
    states.replaceChildren(...statesAt(interruption, second));
  };
  show();
  return el("div", { class: "second" }, el("label", { for: "second" }, "Second by second"), slider, states);
}

/** What everything was at the end of that second. */
function statesAt({ at, rows }: Interruption, second: number): HTMLElement[] {
  const time = at + second * 1000 + 999;
  const told = rows.flatMap((row): HTMLElement[] => {
    const state = stateAt(row, time);
    return state === undefined ? [] : [el("span", {}, `${row.label}: `, el("b", {}, state))];
  });
  return [el("span", {}, el("b", {}, `${second < 0 ? "−" : "+"}${Math.abs(second)} s`)), ...told];
}

function stateAt({ changes, endedAt, kind }: StripRow, time: number): string | undefined {
  if (endedAt !== undefined && endedAt <= time) return "ended";
  const last = changes.findLast(([at]) => at <= time);
  const first = kind === "interrupted" || kind === "task" ? changes[0] : undefined;
  const state = (last ?? first)?.[1];
  return state === undefined ? undefined : lookOf(state).label;
}

function steps({ at, milestones }: Interruption): HTMLElement {
  const rows = milestones.map(({ at: time, what, who }) =>
    el("tr", {}, el("th", { scope: "row" }, afterOf((time - at) / 1000)), el("td", {}, who), el("td", {}, what)),
  );
  const header = ["After", "Who", "What"].map((label) => el("th", { scope: "col" }, label));
  const table = el("table", {}, el("thead", {}, el("tr", {}, ...header)), el("tbody", {}, ...rows));
  const region = el("div", { class: "wide", role: "region", "aria-label": "Steps", tabindex: 0 }, table);
  return el("details", { open: true }, el("summary", {}, `Steps (${numberOf(milestones.length)})`), region);
}
