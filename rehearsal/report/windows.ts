/** Keeps the log lines around interruptions, and describes each when its time is over. */
import { LIMITS, type Interruption, type KeptLine, type LineFields } from "./data";
import { describeInterruption, type OpenInterruption } from "./interruptionRows";

/** How much is shown before an interruption's beginning, and after its instance is gone. */
export const BEFORE_MS = 5_000;
export const AFTER_MS = 180_000;

interface Entry {
  readonly line: KeptLine;
  isKept: boolean;
}

/** How many lines may be dropped at once: moving the rest costs as much as they are. */
const STALE = 4_096;

export class Windows {
  readonly interruptions: Interruption[] = [];
  readonly leftOut = { interruptions: 0, lines: 0 };
  private readonly kept: KeptLine[] = [];
  private recent: Entry[] = [];
  private firstRecent = 0;
  private open: OpenInterruption[] = [];

  constructor(private readonly mostLines: number = LIMITS.lines) {}

  add(at: number, event: string, fields: LineFields): void {
    this.closeBefore(at);
    this.recent.push({ line: [at, event, fields], isKept: false });
    const from = Math.min(at, this.open[0]?.at ?? at) - BEFORE_MS;
    while (this.firstRecent < this.recent.length && this.recent[this.firstRecent]!.line[0] < from) this.firstRecent++;
    if (this.firstRecent > STALE) this.drop();
  }

  begin(interruption: OpenInterruption): void {
    this.open.push(interruption);
  }

  /** Call it once, at the end. */
  finish(): readonly KeptLine[] {
    this.closeBefore(Number.POSITIVE_INFINITY);
    this.firstRecent = this.recent.length;
    this.drop();
    return this.kept;
  }

  private closeBefore(at: number): void {
    if (this.open.length === 0 || !this.open.some(({ until }) => until < at)) return;
    const over = this.open.filter(({ until }) => until < at);
    this.open = this.open.filter(({ until }) => until >= at);
    for (const each of over) this.close(each);
  }

  private close(open: OpenInterruption): void {
    const entries = this.recent.filter(({ line: [at] }) => at >= open.at - BEFORE_MS && at <= open.until);
    const lines = entries.map(({ line }) => line);
    const described = describeInterruption(open, lines, true);
    if (this.interruptions.length >= LIMITS.interruptions) {
      this.leftOut.interruptions++;
      return;
    }
    const hasLines = this.keep(entries, described.failed > 0 || described.killed > 0);
    this.interruptions.push(hasLines ? described : { ...described, hasLines });
  }

  /** Where something failed, more is kept. */
  private keep(entries: readonly Entry[], hasFailed: boolean): boolean {
    const wanted = entries.filter(({ isKept }) => !isKept).slice(0, LIMITS.linesOfOne);
    const most = hasFailed ? 2 * this.mostLines : this.mostLines;
    if (this.counted + wanted.length > most) {
      this.leftOut.lines += wanted.length;
      return false;
    }
    this.counted += wanted.length;
    for (const entry of wanted) entry.isKept = true;
    return true;
  }

  private counted = 0;

  private drop(): void {
    for (const { line, isKept } of this.recent.slice(0, this.firstRecent)) if (isKept) this.kept.push(line);
    this.recent = this.recent.slice(this.firstRecent);
    this.firstRecent = 0;
  }
}
