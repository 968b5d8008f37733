/** Ranges of IP addresses, as EC2 takes them. */
import { isIPv4, isIPv6 } from "node:net";
import type { Problem } from "../problems";

/** Bits of an address in each family. */
const IPV4_BITS = 32;
const IPV6_BITS = 128;

export const isIpv6Range = (range: string): boolean => range.includes(":");

export interface CidrOptions {
  /** Whether IPv6 ranges are taken. */
  readonly ipv6: boolean;
}

/** A range's address must be its first one: EC2 keeps it so, and every later update would want to change it back. */
export function cidrProblems(property: string, ranges: readonly string[], { ipv6 }: CidrOptions): Problem[] {
  return ranges.flatMap((range, index) => {
    const problem = (allowed: string, change: string): Problem[] => [
      { property: `${property}[${index}]`, given: range, allowed, change },
    ];
    const kinds = ipv6 ? "an IPv4 or IPv6 range, e.g. 10.0.0.0/8 or 2001:db8::/32" : "an IPv4 range, e.g. 10.0.0.0/8";
    const first = firstAddress(range);
    if (first === undefined) return problem(kinds, "give address and prefix length");
    if (isIpv6Range(range) && !ipv6) return problem(kinds, 'remove it, or set ipAddressType to "dualstack"');
    if (first !== range) return problem("a range that begins with its first address", `give "${first}"`);
    return ranges.indexOf(range) === index ? [] : problem("each range once", "remove it");
  });
}

/** The range by its first address, in the usual spelling; undefined where it is no range. */
function firstAddress(range: string): string | undefined {
  const [, address = "", prefix = ""] = /^([^/]+)\/(\d{1,3})$/.exec(range) ?? [];
  const length = Number(prefix);
  if (isIPv4(address) && length <= IPV4_BITS) {
    const bytes = first(address.split(".").map(Number), 8, length);
    return `${bytes.join(".")}/${length}`;
  }
  if (isIPv6(address) && !address.includes(".") && !address.includes("%") && length <= IPV6_BITS) {
    const groups = first(ipv6Groups(address), 16, length);
    return `${shortest(groups)}/${length}`;
  }
  return undefined;
}

/** The parts of an address with everything behind the prefix zero. */
function first(parts: readonly number[], bitsOfPart: number, prefix: number): number[] {
  return parts.map((part, index) => {
    const kept = Math.min(bitsOfPart, Math.max(0, prefix - index * bitsOfPart));
    const unit = 2 ** (bitsOfPart - kept);
    return Math.floor(part / unit) * unit;
  });
}

function ipv6Groups(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const groups = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return groups(head);
  const [before, after] = [groups(head), groups(tail)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

/** RFC 5952, as a URL writes it. */
const shortest = (groups: readonly number[]): string =>
  new URL(`http://[${groups.map((group) => group.toString(16)).join(":")}]`).hostname.slice(1, -1);
