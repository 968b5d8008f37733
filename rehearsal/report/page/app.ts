/** Everything of the page that moves: the switch of variants, the charts, the interruptions. */
import type { Interruption, PageData, Recording } from "../data";
import { numberOf } from "../format";
import { drawDetail } from "./detail";
import { el } from "./dom";
import { InterruptionList } from "./list";
import { onThemeChange } from "./theme";
import { Timeline } from "./timeline";

export class App {
  private readonly place = el("div");
  private readonly listPlace = el("div");
  private readonly detail = el("section", {
    id: "interruption",
    class: "detail",
    hidden: true,
    "aria-labelledby": "interruption-title",
  });
  private variant: string;
  private timeline: Timeline | undefined;
  private list: InterruptionList | undefined;
  private lastFocus: HTMLElement | undefined;

  constructor(
    private readonly data: PageData,
    into: HTMLElement,
  ) {
    const names = Object.keys(data.recordings);
    this.variant = names[0]!;
    into.replaceChildren(
      el(
        "section",
        { id: "time", "aria-labelledby": "time-title" },
        el("h2", { id: "time-title" }, "Over time"),
        this.variantSwitch(names),
        el(
          "p",
          { id: "charts-keys", class: "hint" },
          "Drag over a chart to look closer; two fingers, or Ctrl and the wheel, zoom. With the charts focused: arrow keys move, + and − zoom, 0 shows everything.",
        ),
        this.place,
      ),
      el(
        "section",
        { id: "interruptions", "aria-labelledby": "interruptions-title" },
        el("h2", { id: "interruptions-title" }, "Interruptions"),
        this.listPlace,
        this.detail,
      ),
    );
    this.show(this.variant);
    onThemeChange(() => this.timeline?.redraw());
    addEventListener("resize", () => this.timeline?.resize());
    this.followHash();
  }

  private get recording(): Recording {
    return this.data.recordings[this.variant]!;
  }

  private variantSwitch(names: readonly string[]): HTMLElement {
    const choices = names.map((name, index) => {
      const id = `variant-${index}`;
      const radio = el("input", {
        type: "radio",
        name: "variant",
        id,
        value: name,
        checked: index === 0,
        change: () => this.show(name),
      });
      return el("span", {}, radio, el("label", { for: id }, name));
    });
    return el("fieldset", { class: "switch" }, el("legend", {}, "Variant"), ...choices);
  }

  /** What is looked at stays, so that variants can be compared. */
  private show(name: string): void {
    this.variant = name;
    this.close();
    const { interruptions, leftOut } = this.recording;
    this.timeline = new Timeline(this.recording, this.timeline?.view, (instance) => this.openInstance(instance));
    this.place.replaceChildren(this.timeline.element);
    this.timeline.draw();
    this.list = new InterruptionList(interruptions, (each) => this.open(each));
    this.listPlace.replaceChildren(this.list.element, ...leftOutOf(leftOut));
  }

  private openInstance(instance: string): void {
    const found = this.recording.interruptions.find((each) => each.instance === instance);
    if (found !== undefined) this.open(found);
  }

  private open(interruption: Interruption): void {
    if (this.detail.hidden) this.lastFocus = document.activeElement as HTMLElement;
    this.detail.hidden = false;
    const beside = (step: 1 | -1): (() => void) | undefined => {
      const other = this.list!.beside(interruption, step);
      return other === undefined ? undefined : () => this.open(other);
    };
    const { lines } = this.recording;
    const ports = { variant: this.variant, lines, close: () => this.close(), before: beside(-1), after: beside(1) };
    drawDetail(this.detail, interruption, ports);
    history.replaceState(undefined, "", `#${hashOf(this.variant, interruption)}`);
  }

  private close(): void {
    if (this.detail.hidden) return;
    this.detail.hidden = true;
    this.detail.replaceChildren();
    history.replaceState(undefined, "", "#interruptions");
    this.lastFocus?.focus();
  }

  /** A page can be passed on with an interruption opened. */
  private followHash(): void {
    const hash = decodeURIComponent(location.hash.slice(1));
    for (const [name, { interruptions }] of Object.entries(this.data.recordings)) {
      const found = interruptions.find((each) => decodeURIComponent(hashOf(name, each)) === hash);
      if (found === undefined) continue;
      const radio = [...document.querySelectorAll<HTMLInputElement>("input[name=variant]")].find(
        ({ value }) => value === name,
      );
      if (radio !== undefined) radio.checked = true;
      this.show(name);
      this.open(found);
      return;
    }
  }
}

const hashOf = (variant: string, { instance, at }: Interruption): string =>
  encodeURIComponent(`interruption/${variant}/${instance}/${at}`);

/** What was cut is said. */
function leftOutOf({ instances, interruptions, lines }: Recording["leftOut"]): HTMLElement[] {
  const all = [
    [instances, "instances"],
    [interruptions, "interruptions"],
    [lines, "log lines of interruptions in which nothing failed"],
  ] as const;
  return all
    .filter(([count]) => count > 0)
    .map(([count, what]) =>
      el("p", { class: "hint" }, `Left out, so that the page stays small: ${numberOf(count)} ${what}.`),
    );
}
