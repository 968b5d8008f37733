/** A script's text, and how to name a place in it. */
export interface Frame {
  readonly source: string;
  /** The name of a line, counted from 1. */
  readonly nameLine: (line: number) => string;
}

interface Span {
  readonly pos: number;
  readonly end: number;
}

const LONGEST_QUOTE = 60;

/** A phrase for a person: `line 12: \`source /opt/x.sh\``. */
export function placeOf(frame: Frame, { pos, end }: Span): string {
  const piece = frame.source.slice(pos, Math.min(end, pos + 4 * LONGEST_QUOTE));
  const [text = ""] = piece
    .replace(/[\ue000-\uf8ff]/g, "…")
    .trim()
    .split("\n");
  const quote = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return frame.nameLine(lineAt(frame, pos)) + (quote === "" ? "" : `: \`${quote}\``);
}

/** A text that a script runs: its places are named after the place that runs it. */
export function frameWithin(frame: Frame, pos: number, source: string): Frame {
  const line = lineAt(frame, pos);
  return { source, nameLine: () => frame.nameLine(line) };
}

const lineStarts = new WeakMap<Frame, readonly number[]>();

/** Lines are counted once for a frame: a long script asks for many. */
function lineAt(frame: Frame, pos: number): number {
  let starts = lineStarts.get(frame);
  if (starts === undefined) {
    starts = [0, ...[...frame.source.matchAll(/\n/g)].map(({ index }) => index + 1)];
    lineStarts.set(frame, starts);
  }
  let [from, to] = [0, starts.length];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if ((starts[middle] ?? 0) <= pos) from = middle;
    else to = middle;
  }
  return from + 1;
}
