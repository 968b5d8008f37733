import { expect } from "chai";
import fc from "fast-check";
import { cidrProblems } from "../../../components/balancer/cidr";

const problemsOf = (range: string) => cidrProblems("cidrs", [range], { ipv6: true });

/** The range that is asked for instead, if another is. */
const corrected = (range: string): string => /^give "(.*)"$/.exec(problemsOf(range)[0]?.change ?? "")?.[1] ?? range;

const ranges = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, length]) => `${address}/${length}`),
  fc
    .tuple(
      fc.ipV6().filter((address) => !address.includes(".")),
      fc.integer({ min: 0, max: 128 }),
    )
    .map(([address, length]) => `${address}/${length}`),
);

describe("a range of addresses", () => {
  it("is taken once it is written as it is asked for", () => {
    fc.assert(fc.property(ranges, (range) => problemsOf(corrected(range)).length === 0));
  });

  it("has its length kept", () => {
    fc.assert(fc.property(ranges, (range) => corrected(range).split("/")[1] === range.split("/")[1]));
  });

  it("begins with its first address, in the usual spelling", () => {
    const asked: readonly [string, string][] = [
      ["10.1.2.3/8", "10.0.0.0/8"],
      ["192.168.255.255/17", "192.168.128.0/17"],
      ["1.2.3.4/0", "0.0.0.0/0"],
      ["2001:DB8:0:0::1/48", "2001:db8::/48"],
      ["2001:db8:ffff:8000::/49", "2001:db8:ffff:8000::/49"],
      ["ffff::1/0", "::/0"],
    ];
    for (const [given, expected] of asked) expect(corrected(given), given).to.equal(expected);
  });

  it("isn't anything else", () => {
    for (const range of ["10.0.0.1", "10.0.0.0/33", "2001:db8::/129", "10.0.0/8", "fe80::%eth0/64", "all", ""])
      expect(problemsOf(range), range).to.have.lengthOf(1);
  });
});
