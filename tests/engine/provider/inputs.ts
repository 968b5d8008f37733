/** What the AWS provider makes of a program's inputs before anything is asked of AWS: names, and what a change means. */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { valuesAt, type Props, type ResourceType } from "../aws/resourceType";

/** Stands for a value that is only known once the resource is there (sdk/go/common/resource/plugin/rpc.go). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Where Pulumi's bridged providers keep which inputs they made up. */
const DEFAULTS = "__defaults";
const RANDOM_DIGITS = 7;

/** The inputs with a name, the old one where the provider made it up before. */
export function named(spec: ResourceType, logicalName: string, seed: string, olds: Props, news: Props): Props {
  if (!spec.named || news[spec.named.property] !== undefined) return { ...news, [DEFAULTS]: [] };
  const { property, longest, ending = () => "" } = spec.named;
  const wasMadeUp = valuesAt(olds, DEFAULTS).includes(property);
  const name = wasMadeUp ? olds[property] : autoname(logicalName, seed, longest, ending(news));
  return { ...news, [property]: name, [DEFAULTS]: [property] };
}

/** A logical name that leaves no room for the random digits can't be deployed. */
function autoname(logicalName: string, seed: string, longest: number, ending: string): string {
  const digits = createHash("sha256").update(seed).digest("hex").slice(0, RANDOM_DIGITS);
  const name = `${logicalName}-${digits}${ending}`;
  if (name.length > longest) throw new Error(`${logicalName}: with its random digits more than ${longest} characters`);
  return name;
}

export interface Difference {
  readonly changed: readonly string[];
  readonly replacedBy: readonly string[];
  /** A name that the program gave stays taken until the old resource is gone. */
  readonly deleteBeforeReplace: boolean;
}

export function difference(spec: ResourceType, olds: Props, news: Props): Difference {
  const changed = Object.keys(changedInputs(spec, olds, news));
  const replacedBy = spec.replacedBy.filter((path) => !isDeepStrictEqual(valuesAt(olds, path), valuesAt(news, path)));
  const property = spec.named?.property;
  const keepsGivenName =
    property !== undefined && !valuesAt(news, DEFAULTS).includes(property) && olds[property] === news[property];
  return { changed, replacedBy, deleteBeforeReplace: replacedBy.length > 0 && keepsGivenName };
}

/** The new value of each input that isn't as it was; `undefined` for one that is gone. */
export function changedInputs({ keptWithout = [] }: ResourceType, olds: Props, news: Props): Props {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((key) => key !== DEFAULTS);
  const isKept = (key: string): boolean => keptWithout.includes(key) && news[key] === undefined;
  const changed = keys.filter((key) => !isKept(key) && !same(olds[key], news[key]));
  return Object.fromEntries(changed.map((key) => [key, news[key]]));
}

/** To AWS, an empty list or map is the same as none. */
function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a, b) || (isEmpty(a) && isEmpty(b));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

/** The inputs that a refresh finds: each one that the program gave, as it is in AWS now. */
export function refreshedInputs(inputs: Props, live: Props): Props {
  return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, key in live ? live[key] : value]));
}
