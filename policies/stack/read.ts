/** Reads properties as what they should be. Absent is undefined; unknown or unreadable is undecided, with the reason. */
import { known, undecided, type Decided } from "../decided";
import { isObject, UNKNOWN, type Properties } from "./resource";

/** What is at a dotted path. What the provider gives back for "not set" counts as absent. */
export function valueAt(props: Properties, path: string): unknown {
  let value: unknown = props;
  for (const key of path.split(".")) {
    if (value === UNKNOWN) return UNKNOWN;
    value = isObject(value) ? value[key] : undefined;
  }
  return value === null || value === "" ? undefined : value;
}

export function text(props: Properties, path: string): Decided<string | undefined> {
  return read(props, path, asText, "text");
}

export function asText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

export function number(props: Properties, path: string): Decided<number | undefined> {
  return read(props, path, asNumber, "a number");
}

/** False where it is absent. */
export function flag(props: Properties, path: string): Decided<boolean> {
  const given = read(props, path, asFlag, "true or false");
  return given.kind === "known" ? known(given.value ?? false) : given;
}

function asNumber(value: unknown): number | undefined {
  const converted = Number(asText(value) ?? Number.NaN);
  return Number.isFinite(converted) ? converted : undefined;
}

function asFlag(value: unknown): boolean | undefined {
  const text = asText(value);
  return text === "true" || text === "false" ? text === "true" : undefined;
}

/** None where it is absent. Single items may be unknown. */
export function items(props: Properties, path: string): Decided<readonly unknown[]> {
  const given = read(props, path, (value) => (Array.isArray(value) ? (value as unknown[]) : undefined), "a list");
  return given.kind === "known" ? known(given.value ?? []) : given;
}

/** The objects of a list; one that is unknown as a whole counts as one of unknown members. */
export function objects(props: Properties, path: string): Decided<readonly Properties[]> {
  const given = items(props, path);
  if (given.kind === "undecided") return given;
  if (given.value.includes(UNKNOWN)) return undecided(notKnown(path));
  return known(given.value.filter(isObject));
}

export const notKnown = (path: string): string => `${path} isn't known before the update`;

function read<T>(
  props: Properties,
  path: string,
  convert: (value: unknown) => T | undefined,
  wanted: string,
): Decided<T | undefined> {
  const value = valueAt(props, path);
  if (value === undefined) return known(undefined);
  if (value === UNKNOWN) return undecided(notKnown(path));
  const converted = convert(value);
  return converted === undefined ? undecided(`${path} is not ${wanted}`) : known(converted);
}
