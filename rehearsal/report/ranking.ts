/** The list of interruptions: which are shown, and in which order. */
import type { Interruption } from "./data";

export type Column = keyof typeof COLUMNS;

/** What each column sorts by. What didn't happen sorts like what took longest. */
export const COLUMNS = {
  when: ({ at }: Interruption) => at,
  instance: ({ instance }: Interruption) => instance,
  zone: ({ zone }: Interruption) => zone,
  notice: ({ noticed }: Interruption) => (noticed ? 1 : 0),
  draining: ({ timing }: Interruption) => timing.draining ?? Infinity,
  lastTargetOut: ({ timing }: Interruption) => timing.lastTargetOut ?? Infinity,
  replacementHealthy: ({ timing }: Interruption) => timing.replacementHealthy ?? Infinity,
  below: ({ belowSeconds }: Interruption) => belowSeconds,
  killed: ({ killed }: Interruption) => killed,
  failed: ({ failed }: Interruption) => failed,
} as const;

export type Which = "all" | "failed" | "below" | "silent";

export const WHICH: Readonly<Record<Which, { readonly label: string; readonly is: (each: Interruption) => boolean }>> =
  {
    all: { label: "all", is: () => true },
    failed: { label: "in which requests failed or tasks were killed", is: ({ failed, killed }) => failed + killed > 0 },
    below: { label: "with fewer tasks than desired", is: ({ belowSeconds }) => belowSeconds > 0 },
    silent: { label: "without a notice", is: ({ noticed }) => !noticed },
  };

export interface Order {
  readonly column: Column | "worst";
  readonly isDescending: boolean;
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

/** Most failed requests first, then most killed tasks, then longest below desired, then as they came. */
const byHarm = (a: Interruption, b: Interruption): number =>
  b.failed - a.failed || b.killed - a.killed || b.belowSeconds - a.belowSeconds || a.at - b.at;

export function ranked(
  interruptions: readonly Interruption[],
  { text, which, order }: { readonly text: string; readonly which: Which; readonly order: Order },
): Interruption[] {
  const wanted = text.trim().toLowerCase();
  const has = ({ instance, type, zone }: Interruption): boolean =>
    wanted === "" || `${instance} ${type} ${zone}`.toLowerCase().includes(wanted);
  const chosen = interruptions.filter((each) => WHICH[which].is(each) && has(each));
  const { column, isDescending } = order;
  if (column === "worst") return chosen.sort(byHarm);
  const valueOf = COLUMNS[column];
  const sign = isDescending ? -1 : 1;
  return chosen.sort((a, b) => sign * compare(valueOf(a), valueOf(b)) || a.at - b.at);
}
