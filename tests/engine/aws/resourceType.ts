/** How one type of resource behaves, as far as these tests look: names, what replaces it, what AWS adds and what it refuses. */
import type { Account, Entry } from "./account";

export type Props = Record<string, unknown>;

/** Where a resource is made, and the how-manieth of its type it is. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
  readonly serial: number;
}

/** An entry that isn't there yet, or is about to change. */
export interface Draft {
  readonly type: string;
  readonly region: string;
  readonly props: Props;
}

export interface ResourceType {
  readonly type: string;
  /** The property that the provider names where the program doesn't, the longest name that AWS takes, and how it must end. */
  readonly named?: {
    readonly property: string;
    readonly longest: number;
    readonly ending?: (props: Props) => string;
  };
  /** Paths of properties whose change replaces the resource; `*` for every one. */
  readonly replacedBy: readonly string[];
  /** Properties that stay as they are where the program leaves them out. @default none */
  readonly keptWithout?: readonly string[];
  /** What AWS adds: unknown in a preview. */
  readonly outputs: (props: Props, place: Place) => Props;
  /** The output that is the resource's id. @default made up from the type */
  readonly id?: string;
  /** Outputs that a change makes unknown until it is done. */
  readonly changedBy?: (outputs: Props) => Props;
  /** Why AWS refuses, as AWS says it; undefined where it doesn't. */
  readonly refusesCreate?: (draft: Draft, account: Account) => string | undefined;
  readonly refusesUpdate?: (entry: Entry, news: Props, account: Account) => string | undefined;
  readonly refusesDelete?: (entry: Entry, account: Account) => string | undefined;
  /** What AWS does by itself once it is created, changed or about to be deleted. */
  readonly created?: (entry: Entry, account: Account) => void;
  readonly updated?: (entry: Entry, account: Account) => void;
  readonly deleted?: (entry: Entry, account: Account) => void;
}

/** `a.b[].c` of a resource's properties: every value there. */
export function valuesAt(props: unknown, path: string): unknown[] {
  return path
    .split(".")
    .reduce<unknown[]>((values, key) => values.flatMap((value) => step(value, key)), [props])
    .filter((value) => value !== undefined);
}

function step(value: unknown, key: string): unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => step(each, key));
  if (typeof value !== "object" || value === null) return [];
  const found = (value as Props)[key];
  return Array.isArray(found) ? (found as unknown[]) : [found];
}

export const text = (props: Props, property: string): string => String(props[property]);

export const arn = (service: string, resource: string, { region, accountId }: Place): string =>
  `arn:aws:${service}:${region}:${accountId}:${resource}`;
