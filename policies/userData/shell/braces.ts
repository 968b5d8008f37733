const LONGEST_RANGE = 300;

/** What `{a,b}` and `{1..3}` stand for; the text itself where it is neither, or nested. */
export function braceAlternatives(text: string): string[] {
  const inside = text.slice(1, -1);
  const [, from, to] = /^(-?\d{1,9})\.\.(-?\d{1,9})$/.exec(inside) ?? [];
  if (from !== undefined && to !== undefined) return range(Number(from), Number(to)) ?? [text];
  return /[{}'"\\$`]/.test(inside) ? [text] : inside.split(",");
}

function range(from: number, to: number): string[] | undefined {
  const length = Math.abs(to - from) + 1;
  if (length > LONGEST_RANGE) return undefined;
  return Array.from({ length }, (_, i) => String(from + Math.sign(to - from) * i));
}
