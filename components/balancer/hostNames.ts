/** Names of hosts and patterns of paths, as Route 53, ACM and Elastic Load Balancing take them. */
import type { Problem } from "../problems";

const LABEL = "(?!-)[a-z0-9-]{1,63}(?<!-)";
const DOMAIN_NAME = new RegExp(`^(\\*\\.)?(${LABEL}\\.)+${LABEL}$`);
const LONGEST_DOMAIN_NAME = 253;

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html */
const LONGEST_PATTERN = 128;
const HOST_PATTERN = /^[a-z0-9.*?-]*\.[a-z0-9]+$/;
const PATH_PATTERN = /^\/[\w\-.$/~"'@:+&*?]*$/;

/** A rule has at most five wildcards. A value of this many leaves room for others in one rule. */
export const MOST_WILDCARDS = { host: 2, path: 3 } as const;

export const wildcardsIn = (pattern: string): number => pattern.replace(/[^*?]/g, "").length;

export function domainNameProblems(property: string, names: readonly string[]): Problem[] {
  const allowed = "a domain name in lower case, e.g. api.example.com or *.example.com";
  return eachOnce(property, names, (name) => {
    if (name.length <= LONGEST_DOMAIN_NAME && DOMAIN_NAME.test(name)) return undefined;
    return { allowed, change: DOMAIN_NAME.test(name.toLowerCase()) ? `give "${name.toLowerCase()}"` : "respell it" };
  });
}

export function hostProblems(property: string, hosts: readonly string[]): Problem[] {
  const allowed = `a host name in lower case of at most ${LONGEST_PATTERN} characters with a dot, and at most ${MOST_WILDCARDS.host} of the wildcards * and ?, none behind the last dot`;
  return eachOnce(property, hosts, (host) => {
    const fits = (each: string): boolean => HOST_PATTERN.test(each) && wildcardsIn(each) <= MOST_WILDCARDS.host;
    if (host.length <= LONGEST_PATTERN && fits(host)) return undefined;
    return { allowed, change: fits(host.toLowerCase()) ? `give "${host.toLowerCase()}"` : "respell it" };
  });
}

export function pathProblems(property: string, paths: readonly string[]): Problem[] {
  const allowed = `a path of at most ${LONGEST_PATTERN} characters that begins with /, without query, and with at most ${MOST_WILDCARDS.path} of the wildcards * and ?`;
  return eachOnce(property, paths, (path) => {
    if (path.length <= LONGEST_PATTERN && PATH_PATTERN.test(path) && wildcardsIn(path) <= MOST_WILDCARDS.path)
      return undefined;
    return { allowed, change: path.startsWith("/") ? "respell it" : `give "/${path}"` };
  });
}

type Fault = Pick<Problem, "allowed" | "change">;

function eachOnce(
  property: string,
  values: readonly string[],
  faultOf: (value: string) => Fault | undefined,
): Problem[] {
  return values.flatMap((value, index) => {
    const repeated = values.indexOf(value) === index ? undefined : { allowed: "each one once", change: "remove it" };
    const fault = faultOf(value) ?? repeated;
    return fault ? [{ property: `${property}[${index}]`, given: value, ...fault }] : [];
  });
}
