/** The part of time that is looked at, in seconds since the measuring began. */
export interface View {
  readonly from: number;
  readonly to: number;
}

/** Closer than this there is nothing to see that an interruption's own strip doesn't show better. */
const CLOSEST_S = 60;

/** Never beyond the whole, never closer than a minute. */
export function clamped({ from, to }: View, whole: View): View {
  const length = Math.min(whole.to - whole.from, Math.max(CLOSEST_S, to - from));
  const start = Math.min(Math.max(from, whole.from), whole.to - length);
  return { from: start, to: start + length };
}

/** `factor` under 1 looks closer; what is `at` stays where it is. */
export function zoomed(view: View, factor: number, at: number, whole: View): View {
  const { from, to } = view;
  const length = Math.min(whole.to - whole.from, Math.max(CLOSEST_S, (to - from) * factor));
  const share = (at - from) / (to - from);
  return clamped({ from: at - share * length, to: at + (1 - share) * length }, whole);
}

/** By a share of what is seen; positive: later. */
export function moved(view: View, share: number, whole: View): View {
  const by = (view.to - view.from) * share;
  return clamped({ from: view.from + by, to: view.to + by }, whole);
}

/** What a key does on the charts; undefined where it means nothing. */
export function afterKey(key: string, view: View, whole: View): View | undefined {
  const middle = (view.from + view.to) / 2;
  switch (key) {
    case "ArrowLeft":
      return moved(view, -0.2, whole);
    case "ArrowRight":
      return moved(view, 0.2, whole);
    case "+":
    case "=":
      return zoomed(view, 0.5, middle, whole);
    case "-":
      return zoomed(view, 2, middle, whole);
    case "0":
      return whole;
    case "Home":
      return clamped({ from: whole.from, to: whole.from + view.to - view.from }, whole);
    case "End":
      return clamped({ from: whole.to - (view.to - view.from), to: whole.to }, whole);
    default:
      return undefined;
  }
}
