/** What the scoreboard says of how evenly full instances are. */
import type { VariantResult } from "./result";

type Evenness = VariantResult["evenness"];
type EvennessRow = readonly [label: string, cell: (evenness: Evenness) => string];

const oneDigit = (value: number): string => value.toFixed(1);

export const EVENNESS_ROWS: readonly EvennessRow[] = [
  ["Times that instances were more than 35 % apart", ({ times }) => String(times)],
  ["  of them mended within 20 minutes", ({ withinTwentyMinutes }) => String(withinTwentyMinutes)],
  ["  minutes until mended, mean", ({ minutes }) => oneDigit(minutes.mean)],
  ["  95th percentile", ({ minutes }) => oneDigit(minutes.p95)],
  ["  longest", ({ minutes }) => oneDigit(minutes.max)],
  ["Tasks moved", ({ moves }) => String(moves)],
  ["  the least possible", ({ leastMoves }) => String(leastMoves)],
];
