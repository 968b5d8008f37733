/** Which rules of a shared balancer lead to which service, and in which order they are looked at. */
import { createHash } from "node:crypto";
import { wildcardsIn } from "./hostNames";

/** What a service's requests look like; an empty list stands for every one. */
export interface Route {
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  readonly priority?: number;
}

export interface Rule {
  readonly service: string;
  /** Of its hosts and paths, so that others make another rule. */
  readonly key: string;
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  /** Rules are looked at from the lowest to the highest. */
  readonly priority: number;
}

/** What AWS takes in one rule: three values of a condition, five in all, and five wildcards.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html */
const MOST = { ofCondition: 3, ofRule: 5, wildcards: 5 };

/** Priorities below are for rules of a priority of their own. */
const FIRST_DERIVED = 1000;
/** The balancer's rule for requests that are nobody's; derived priorities are below, and explicit ones too. */
export const NOT_FOUND_PRIORITY = 45_000;

/** From here on, a longer name or path is no more specific. */
const LONGEST = 40;

/** The priorities of one kind of host: for each length of path, the longest first, and then for none. */
interface Kind {
  readonly start: number;
  readonly ofPathLength: number;
  readonly withoutPath: number;
}

const sizeOf = ({ ofPathLength, withoutPath }: Omit<Kind, "start">): number => LONGEST * ofPathLength + withoutPath;

const EXACT_HOST: Kind = { start: FIRST_DERIVED, ofPathLength: 200, withoutPath: 4000 };
/** For each length of host, the longest first. */
const WILDCARD_HOST: Kind = { start: EXACT_HOST.start + sizeOf(EXACT_HOST), ofPathLength: 10, withoutPath: 100 };
const ANY_HOST: Kind = {
  start: WILDCARD_HOST.start + LONGEST * sizeOf(WILDCARD_HOST),
  ofPathLength: 290,
  withoutPath: 0,
};

/** A range of priorities. */
interface Band {
  readonly start: number;
  readonly width: number;
}

/**
 * The rules of a service. Their priorities follow from what the rule says and the service's name alone: exact hosts come before
 * patterns and longer paths before shorter ones, and no service's rules depend on which others there are.
 */
export function rulesOf(service: string, { priority, ...route }: Route): Rule[] {
  const [hosts, paths] = [[...route.hosts].sort(), [...route.paths].sort()];
  if (priority !== undefined) return [{ service, key: "", hosts, paths, priority }];
  const hostGroups = hosts.length === 0 ? [[]] : alike(hosts, hostLevel);
  const pathGroups = paths.length === 0 ? [[]] : alike(paths, literals);
  return hostGroups.flatMap((ofHost) =>
    pathGroups.flatMap((ofPath) => {
      const band = bandOf(ofHost[0], ofPath[0]);
      return chunks(ofHost, paths.length === 0 ? MOST.ofCondition : MOST.ofRule - MOST.ofCondition).flatMap((some) =>
        chunks(ofPath, MOST.ofCondition).map((these) => ruleIn(band, service, some, these)),
      );
    }),
  );
}

function ruleIn({ start, width }: Band, service: string, hosts: readonly string[], paths: readonly string[]): Rule {
  const key = hashOf([...hosts, ...paths].join(" "));
  return { service, key, hosts, paths, priority: start + (Number.parseInt(hashOf(`${service} ${key}`), 16) % width) };
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

function bandOf(host: string | undefined, path: string | undefined): Band {
  if (host === undefined) return within(ANY_HOST, ANY_HOST.start, path);
  if (wildcardsIn(host) === 0) return within(EXACT_HOST, EXACT_HOST.start, path);
  const start = WILDCARD_HOST.start + (LONGEST - literals(host)) * sizeOf(WILDCARD_HOST);
  return within(WILDCARD_HOST, start, path);
}

function within({ ofPathLength, withoutPath }: Kind, start: number, path: string | undefined): Band {
  if (path === undefined) return { start: start + LONGEST * ofPathLength, width: withoutPath };
  return { start: start + (LONGEST - literals(path)) * ofPathLength, width: ofPathLength };
}

/** Characters of a pattern that stand for themselves, from 1 to the longest that counts. */
const literals = (pattern: string): number => Math.max(1, Math.min(LONGEST, pattern.length - wildcardsIn(pattern)));

const hostLevel = (host: string): number => (wildcardsIn(host) === 0 ? Infinity : literals(host));

function alike(values: readonly string[], levelOf: (value: string) => number): string[][] {
  const groups = new Map<number, string[]>();
  for (const value of values) groups.set(levelOf(value), [...(groups.get(levelOf(value)) ?? []), value]);
  return [...groups.values()];
}

/** In order, as many together as `most` and as share a rule's wildcards with another condition; at least one chunk. */
function chunks(values: readonly string[], most: number): string[][] {
  const parts: string[][] = [[]];
  for (const value of values) {
    const last = parts.at(-1)!;
    const wildcards = [...last, value].reduce((sum, each) => sum + wildcardsIn(each), 0);
    if (last.length > 0 && (last.length === most || wildcards > most)) parts.push([value]);
    else last.push(value);
  }
  return parts;
}

/** Whether a route's conditions go into one rule. */
export function isOneRule({ hosts, paths }: Route): boolean {
  const wildcards = [...hosts, ...paths].reduce((sum, each) => sum + wildcardsIn(each), 0);
  return (
    hosts.length <= MOST.ofCondition &&
    paths.length <= MOST.ofCondition &&
    hosts.length + paths.length <= MOST.ofRule &&
    wildcards <= MOST.wildcards
  );
}

/** A request that `hidden` is for and that `by` gets first. */
export interface Shadow {
  readonly by: Rule;
  readonly hidden: Rule;
  readonly host?: string;
  readonly path?: string;
}

/** A host and path of a rule that never comes to it, because the other one is looked at first and covers them. */
export function shadowOf(a: Rule, b: Rule): Shadow | undefined {
  const [by, hidden] = a.priority <= b.priority ? [a, b] : [b, a];
  const covered = (patterns: readonly string[], value: string | undefined): boolean =>
    patterns.length === 0 || patterns.some((pattern) => covers(pattern, value ?? "*"));
  for (const host of orAny(hidden.hosts)) {
    for (const path of orAny(hidden.paths)) {
      if (covered(by.hosts, host) && covered(by.paths, path ?? "/*")) return { by, hidden, host, path };
    }
  }
  return undefined;
}

const orAny = (values: readonly string[]): readonly (string | undefined)[] =>
  values.length === 0 ? [undefined] : values;

/** Whether a pattern matches everything that another one does: the other's `*` is taken by a `*` only. */
function covers(pattern: string, other: string): boolean {
  const source = pattern.replace(/[^\w]/g, (char) => (char === "*" ? ".*" : char === "?" ? "[^*]" : `\\${char}`));
  return new RegExp(`^${source}$`).test(other);
}
