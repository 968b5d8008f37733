import { runInNewContext } from "node:vm";
import { expect } from "chai";
import fc from "fast-check";
import { evaluateExpression, seriesOf, type Series } from "../../../../rehearsal/world/cloudWatch/metricMath/evaluate";
import { parseExpression } from "../../../../rehearsal/world/cloudWatch/metricMath/expression";

const _ = undefined;

/** What an expression makes of three minutes. */
function evaluated(source: string, given: Readonly<Record<string, Series>> = {}): Series {
  const ids = Object.keys(given);
  const queries = { periods: 3, valueOf: (id: string) => given[id], metricIds: ids };
  return seriesOf(evaluateExpression(parseExpression(source), queries), 3);
}

const problemOf = (source: string, given: Readonly<Record<string, Series>> = {}): string => {
  try {
    evaluated(source, given);
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("CloudWatch: metric math", () => {
  const alone: readonly (readonly [source: string, value: number])[] = [
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["10 - 3 - 2", 5],
    ["12 / 3 / 2", 2],
    ["2 * 3 ^ 2", 18],
    ["-2 ^ 2", -4],
    ["2 - -3", 5],
    [".5 + 1.25", 1.75],
    ["1 + 1 == 2", 1],
    ["2 <= 1 || 3 > 2 && 2 != 2", 0],
    ["1 > 0 AND 0 > 1 OR 1 >= 1", 1],
    ["ABS(-3) + CEIL(1.2) + FLOOR(1.8)", 6],
    ["IF(2 < 1, 5, 6)", 6],
  ];
  for (const [source, value] of alone) {
    it(`reads ${source} as ${value}`, () => expect(evaluated(source)).to.deep.equal([value, value, value]));
  }

  it("has a datapoint where both sides have one, and none where it would divide by zero", () => {
    expect(evaluated("a + b", { a: [1, _, 3], b: [10, 20, _] })).to.deep.equal([11, _, _]);
    expect(evaluated("a / b", { a: [1, 6, 0], b: [0, 2, 0] })).to.deep.equal([_, 3, _]);
    expect(evaluated("-a * 2", { a: [1, _, 3] })).to.deep.equal([-2, _, -6]);
  });

  it("sums, averages and bounds what a list has at each time, without what is missing", () => {
    const given = { a: [1, _, _], b: [3, 4, _] };
    expect(evaluated("SUM([a, b])", given)).to.deep.equal([4, 4, _]);
    expect(evaluated("AVG(METRICS())", given)).to.deep.equal([2, 4, _]);
    expect(evaluated("MAX([a, b, 2])", given)).to.deep.equal([3, 4, 2]);
    expect(evaluated("MIN([a, b])", given)).to.deep.equal([1, 4, _]);
  });

  it("takes the metrics whose id has a text in it", () => {
    expect(evaluated('SUM(METRICS("visible"))', { visible1: [1, 1, 1], visible2: [2, 2, 2], age: [9, 9, 9] })).to.eql([
      3, 3, 3,
    ]);
  });

  it("fills what is missing by a number or by what was before, the latest as well", () => {
    expect(evaluated("FILL(a, 0)", { a: [_, 5, _] })).to.deep.equal([0, 5, 0]);
    expect(evaluated("FILL(a, REPEAT)", { a: [_, 5, _] })).to.deep.equal([_, 5, 5]);
    expect(evaluated("SUM(FILL(METRICS(), 1))", { a: [_, 5, _], b: [2, _, _] })).to.deep.equal([3, 6, 2]);
  });

  it("chooses for each time, and leaves out where it can't", () => {
    expect(evaluated("IF(a > 1, a, 100)", { a: [1, 2, _] })).to.deep.equal([100, 2, _]);
    expect(evaluated("IF(a, b, 0)", { a: [0, 1, 1], b: [_, 7, _] })).to.deep.equal([0, 7, _]);
  });

  const refused: readonly (readonly [source: string, problem: RegExp])[] = [
    ["RATE(a)", /RATE is not modelled; ABS, .* are/],
    ["SUM(a)", /SUM of one series is not modelled; of a list it is/],
    ["MAX(a, 1)", /2 arguments where one is allowed/],
    ["FILL(a, LINEAR)", /no query has the id LINEAR/],
    ["FILL(a)", /FILL takes what to fill and by what/],
    ["IF(a, 1)", /IF with 2 arguments is not modelled/],
    ["b + 1", /no query has the id b/],
    ["[a] + 1", /a list of series where one is allowed/],
    ["a +", /unexpected end/],
    ["a b", /unexpected b/],
    ["(a", /unexpected end/],
    ["a % 2", /unexpected % 2/],
    ['"a"', /stands alone/],
  ];
  for (const [source, problem] of refused) {
    it(`refuses ${source}`, () => expect(problemOf(source, { a: [1, 2, 3] })).to.match(problem));
  }

  const arithmetic = fc.letrec<{ sum: string; operand: string }>((tie) => ({
    operand: fc.oneof(
      { depthSize: "small" },
      fc.integer({ min: 0, max: 9 }).map(String),
      tie("sum").map((inner) => `(${inner})`),
    ),
    sum: fc
      .tuple(tie("operand"), fc.array(fc.tuple(fc.constantFrom("+", "-", "*", "/", "<", ">="), tie("operand"))))
      .map(([first, rest]) => rest.reduce((left, [operator, right]) => `${left} ${operator} ${right}`, first)),
  })).sum;

  it("binds its operators as everybody's arithmetic does", () => {
    const law = fc.property(arithmetic, (source) => {
      const [found] = evaluated(`0 * 1 + (${source})`);
      const wanted = Number(runInNewContext(source));
      if (Number.isFinite(wanted)) expect(found).to.be.closeTo(wanted, Math.abs(wanted) * 1e-9);
    });
    fc.assert(law, { numRuns: 200 });
  });
});
