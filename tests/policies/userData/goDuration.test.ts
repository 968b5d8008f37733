import { expect } from "chai";
import fc from "fast-check";
import { parseGoDuration } from "../../../policies/userData/agentSettings";

describe("a Go duration", () => {
  const DURATIONS: readonly (readonly [string, number])[] = [
    ["2m", 120_000],
    ["1m59s", 119_000],
    ["120s", 120_000],
    ["0h2m", 120_000],
    ["1.5h", 5_400_000],
    [".5s", 500],
    ["1.s", 1_000],
    ["-30s", -30_000],
    ["+30s", 30_000],
    ["0", 0],
    ["250ms", 250],
    ["1500us", 1.5],
    ["1500\u00b5s", 1.5],
    ["1s1s", 2_000],
  ];
  for (const [text, milliseconds] of DURATIONS) {
    it(`${text} is ${milliseconds} ms`, () => {
      expect(parseGoDuration(text)).to.equal(milliseconds);
    });
  }

  for (const text of [
    "90",
    "",
    "s",
    ".s",
    "1 m",
    " 2m",
    "2M",
    "2min",
    "1d",
    "1h2",
    "--1s",
    '"2m"',
    "1e3s",
    "9999999h",
  ]) {
    it(`is not what Go refuses: "${text}"`, () => {
      expect(parseGoDuration(text)).to.equal(undefined);
    });
  }

  it("is the sum of its parts", () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), fc.nat(1_000), (h, m, s) => {
        expect(parseGoDuration(`${h}h${m}m${s}s`)).to.equal((h * 3_600 + m * 60 + s) * 1_000);
      }),
    );
  });
});
