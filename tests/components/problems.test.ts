import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import fc from "fast-check";
import {
  choiceProblems,
  didYouMean,
  InputProblemsError,
  rangeProblems,
  redacted,
  throwProblems,
} from "../../components/problems";

describe("problems", () => {
  it("are thrown together, each with what was given, what is allowed and what to change", () => {
    const problems = [...rangeProblems("size", 11, 1, 10), ...choiceProblems("mode", "fsat", ["fast", "slow"])];
    expect(() => throwProblems("Thing a", problems)).to.throw(
      InputProblemsError,
      "Thing a: 2 problems\n" +
        "  - size: given 11; allowed: a whole number from 1 to 10; change: lower it to 10 or less\n" +
        '  - mode: given "fsat"; allowed: fast, slow; change: did you mean fast?',
    );
  });

  it("are an error that Pulumi prints without a stack trace", () => {
    expect(pulumi.RunError.isInstance(new InputProblemsError("Thing a", []))).to.equal(true);
  });

  it("don't print an Output", () => {
    const given = pulumi.output("hidden");
    expect(() => throwProblems("Thing", [{ property: "p", given, allowed: "a", change: "c" }])).to.throw(
      /given \[output\]/,
    );
  });

  it("of a number's range are none inside it, and one outside or for a fraction", () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (given) => {
        const inside = Number.isInteger(given) && given >= 1 && given <= 10;
        return rangeProblems("p", given, 1, 10).length === (inside ? 0 : 1);
      }),
    );
  });

  it("suggest the closest word, and none where nothing is close", () => {
    expect(didYouMean("minSiz", ["maxSize", "minSize", "image"])).to.equal("did you mean minSize?");
    expect(didYouMean("xyz", ["maxSize", "minSize"])).to.equal(undefined);
  });

  it("hide a secret value wherever it is named, but not the part of another word", () => {
    const problem = {
      property: "list[0]",
      given: "s3cret",
      allowed: "not s3cret, but s3cretive",
      change: "drop s3cret",
    };
    expect(redacted(problem, ["list"], ["s3cret"])).to.deep.equal({
      property: "list[0]",
      given: undefined,
      secret: true,
      allowed: "not [secret], but s3cretive",
      change: "drop [secret]",
    });
  });
});
