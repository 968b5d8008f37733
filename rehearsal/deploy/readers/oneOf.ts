import { text } from "../read";

/** The one of the allowed values that is given. */
export function oneOf<T extends string>(value: unknown, allowed: readonly T[], where: string): T {
  const found = allowed.find((each) => each === value);
  if (found !== undefined) return found;
  throw new Error(`${where}: ${text(value)} is given, ${allowed.join(", ")} are allowed`);
}
