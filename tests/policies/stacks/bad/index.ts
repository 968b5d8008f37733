/** Stacks that lose requests or jobs, each in its own way. */
import type { BadStack } from "../entry";
import { POOR_CAPACITY } from "./capacity";
import { UNDRAINED } from "./draining";
import { POOR_SERVICES } from "./services";
import { STUCK, TOO_LONG } from "./times";

export const BAD_STACKS: readonly BadStack[] = [
  ...UNDRAINED,
  ...TOO_LONG,
  ...STUCK,
  ...POOR_CAPACITY,
  ...POOR_SERVICES,
];
