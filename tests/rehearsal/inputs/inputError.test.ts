import { expect } from "chai";
import { InputError, ProblemList } from "../../../rehearsal/inputs/inputError";

const problem = (line: number) => ({
  where: `a.csv:${line}`,
  given: "x is -1",
  allowed: "0 or more",
  fix: "correct x",
});

describe("an input error", () => {
  it("says for each problem where it is, what was given, what is allowed and what to change", () => {
    expect(new InputError("Load a.csv", [problem(2)]).message).to.equal(
      "Load a.csv: 1 problem\n  a.csv:2: x is -1; allowed: 0 or more; correct x",
    );
  });

  it("prints ten problems and counts the rest", () => {
    const lines = new InputError(
      "Load a.csv",
      Array.from({ length: 13 }, (_, i) => problem(i)),
    ).message.split("\n");
    expect(lines[0]).to.equal("Load a.csv: 13 problems");
    expect(lines).to.have.length(12);
    expect(lines.at(-1)).to.equal("  and 3 more");
  });

  it("is only thrown if there is a problem", () => {
    const problems = new ProblemList("Load a.csv");
    problems.throwIfAny();
    problems.add(problem(2));
    expect(() => problems.throwIfAny()).to.throw(InputError, "1 problem");
  });
});
