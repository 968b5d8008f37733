/** The log lines of an interruption's time. */
import { belongs } from "../belonging";
import type { Interruption, KeptLine, LineFields } from "../data";
import { numberOf } from "../format";
import { el } from "./dom";

export interface LineTable {
  readonly element: HTMLElement;
  /** Marks the lines of a second. */
  readonly point: (second: number) => void;
}

export function lineTable(
  { at: start, hasLines }: Interruption,
  lines: readonly KeptLine[],
  ids: ReadonlySet<string>,
): LineTable {
  if (!hasLines)
    return {
      element: el("p", {}, "Its log lines were left out, so that the page stays small."),
      point: () => undefined,
    };
  const own = lines.filter((line) => belongs(line, ids));
  const body = el("tbody");
  const all = el("input", { type: "checkbox", id: "all-lines", change: () => fill() });
  let marked = 0;
  const fill = (): void => {
    body.replaceChildren(...(all.checked ? lines : own).map((line) => row(line, start)));
    point(marked);
  };
  const point = (second: number): void => {
    marked = second;
    for (const each of body.rows) each.classList.toggle("now", each.dataset.second === String(second));
  };
  fill();
  const header = ["After", "Event", "What it says"].map((label) => el("th", { scope: "col" }, label));
  const table = el("table", { class: "lines" }, el("thead", {}, el("tr", {}, ...header)), body);
  const element = el(
    "details",
    { open: true },
    el("summary", {}, `Log lines (${numberOf(own.length)} of its own, ${numberOf(lines.length)} in all)`),
    el("p", {}, all, el("label", { for: "all-lines" }, " also those that are about others")),
    el("div", { class: "wide", role: "region", "aria-label": "Log lines", tabindex: 0 }, table),
  );
  return { element, point };
}

function row([at, event, fields]: KeptLine, start: number): HTMLElement {
  const after = (at - start) / 1000;
  return el(
    "tr",
    { "data-second": Math.floor(after) },
    el("th", { scope: "row" }, `${after < 0 ? "−" : "+"}${Math.abs(after).toFixed(3)} s`),
    el("td", {}, event),
    el("td", { class: "said" }, said(fields)),
  );
}

const said = (fields: LineFields): string =>
  Object.entries(fields)
    .filter(([name, value]) => value !== undefined && value !== null && name !== "label")
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("  ");
