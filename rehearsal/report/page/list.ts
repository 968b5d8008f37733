/** The list of interruptions: worst first, sorted by any column, filtered by text and by what happened. */
import type { Interruption } from "../data";
import { afterOf, numberOf, timeOf } from "../format";
import { COLUMNS, ranked, WHICH, type Column, type Order, type Which } from "../ranking";
import { el } from "./dom";

const AT_ONCE = 50;

const HEADERS: Readonly<Record<Column, string>> = {
  when: "When",
  instance: "Instance",
  zone: "Pool",
  notice: "Notice",
  draining: "DRAINING after",
  lastTargetOut: "Last target out after",
  replacementHealthy: "Replaced after",
  below: "Below desired",
  killed: "Tasks killed",
  failed: "Requests failed",
};

export class InterruptionList {
  readonly element: HTMLElement;
  private readonly body = el("tbody");
  private readonly found = el("p", { role: "status", class: "found" });
  private readonly more = el("button", { type: "button", click: () => this.showMore() }, "Show more");
  private readonly headers = new Map<Column, HTMLElement>();
  private text = "";
  private which: Which = "all";
  private order: Order = { column: "worst", isDescending: true };
  private all: Interruption[] = [];
  private shown = 0;

  constructor(
    private readonly interruptions: readonly Interruption[],
    private readonly open: (interruption: Interruption) => void,
  ) {
    const table = el("table", { class: "interruptions" }, this.header(), this.body);
    const region = { class: "wide", role: "region", "aria-label": "List of interruptions", tabindex: 0 };
    this.element = el("div", {}, this.filters(), this.found, el("div", region, table), this.more);
    this.refresh();
  }

  /** The one before or after another, in the order that is shown. */
  beside(interruption: Interruption, step: 1 | -1): Interruption | undefined {
    return this.all[this.all.indexOf(interruption) + step];
  }

  private filters(): HTMLElement {
    const text = el("input", { type: "search", id: "filter", input: () => this.refresh() });
    const which = el(
      "select",
      { id: "which", change: () => this.refresh() },
      ...Object.entries(WHICH).map(([value, { label }]) => el("option", { value }, label)),
    );
    this.read = () => {
      this.text = text.value;
      this.which = which.value as Which;
    };
    return el(
      "div",
      { class: "filters" },
      el("label", { for: "which" }, "Show those "),
      which,
      el("label", { for: "filter" }, "Instance or pool "),
      text,
    );
  }

  private read = (): void => undefined;

  private header(): HTMLElement {
    const cells = Object.keys(COLUMNS).map((key) => {
      const column = key as Column;
      const button = el("button", { type: "button", click: () => this.sortBy(column) }, HEADERS[column]);
      const header = el("th", { scope: "col" }, button);
      this.headers.set(column, header);
      return header;
    });
    return el("thead", {}, el("tr", {}, ...cells));
  }

  private sortBy(column: Column): void {
    const isDescending = this.order.column === column ? !this.order.isDescending : column !== "when";
    this.order = { column, isDescending };
    this.refresh();
  }

  private refresh(): void {
    this.read();
    const { text, which, order } = this;
    for (const [column, header] of this.headers) {
      if (column !== order.column) header.removeAttribute("aria-sort");
      else header.setAttribute("aria-sort", order.isDescending ? "descending" : "ascending");
    }
    this.all = ranked(this.interruptions, { text, which, order });
    this.body.replaceChildren();
    this.shown = 0;
    this.showMore();
  }

  private showMore(): void {
    const next = this.all.slice(this.shown, this.shown + AT_ONCE);
    this.body.append(...next.map((each) => this.row(each)));
    this.shown += next.length;
    const sorted = this.order.column === "worst" ? ", worst first" : "";
    this.found.textContent = `${numberOf(this.shown)} of ${numberOf(this.all.length)} interruptions${sorted}`;
    this.more.hidden = this.shown === this.all.length;
  }

  private row(each: Interruption): HTMLElement {
    const { at, instance, type, zone, noticed, timing, belowSeconds, killed, failed } = each;
    const when = el("button", { type: "button", class: "open", click: () => this.open(each) }, timeOf(at / 1000));
    const harm = (value: number): HTMLElement => el("td", value > 0 ? { class: "harm" } : {}, numberOf(value));
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, when),
      el("td", {}, instance),
      el("td", {}, `${type}, ${zone}`),
      el("td", noticed ? {} : { class: "harm" }, noticed ? "yes" : "no"),
      el("td", {}, afterOf(timing.draining)),
      el("td", {}, afterOf(timing.lastTargetOut)),
      el("td", {}, afterOf(timing.replacementHealthy)),
      el("td", {}, `${numberOf(belowSeconds, 1)} s`),
      harm(killed),
      harm(failed),
    );
  }
}
