/** Reads a function's settings from its environment, and names everything that is wrong with them at once. */

export interface EnvironmentReader {
  text(name: string): string;
  /** A whole number from `least` to `most`; `of` says what is counted. */
  count(name: string, range?: { readonly least?: number; readonly most?: number; readonly of?: string }): number;
  choice<T extends string>(name: string, allowed: readonly [T, ...T[]]): T;
  /** JSON that `fits`; `shape` says what would. */
  json<T>(name: string, shape: string, fits: (value: unknown) => value is T): T | undefined;
  /** Throws one error that names every missing or malformed variable. */
  finish(whose: string, remedy: string): void;
}

export function environmentReader(environment: Readonly<Record<string, string | undefined>>): EnvironmentReader {
  const problems: string[] = [];
  const text = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === "") problems.push(`${name} is not set`);
    return value ?? "";
  };
  return {
    text,
    count: (name, { least = 1, most, of = "seconds" } = {}) => {
      const value = Number(text(name));
      const range = most === undefined ? `at least ${least}` : `from ${least} to ${most}`;
      if (!Number.isInteger(value) || value < least || value > (most ?? value))
        problems.push(`${name} is ${environment[name]}: a whole number of ${of}, ${range}`);
      return value;
    },
    choice: (name, allowed) => {
      const value = text(name);
      const known = allowed.find((each) => each === value);
      if (known === undefined) problems.push(`${name} is ${value}: ${allowed.join(" or ")}`);
      return known ?? allowed[0];
    },
    json: (name, shape, fits) => {
      const value = parsed(text(name));
      if (fits(value)) return value;
      problems.push(`${name} is ${environment[name]}: ${shape}`);
      return undefined;
    },
    finish: (whose, remedy) => {
      if (problems.length > 0) throw new Error(`${whose}'s environment: ${problems.join("; ")}. ${remedy}`);
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
