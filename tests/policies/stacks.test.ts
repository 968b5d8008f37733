/** The tables of stacks, judged by the pack's own process as the engine would have them judged. */
import { expect } from "chai";
import { judge } from "../../policies/judge";
import { RULES, UNDECIDED } from "../../policies/rules";
import type { StackResource } from "../../policies/stack/resource";
import { BAD_STACKS } from "./stacks/bad";
import { GOOD_STACKS } from "./stacks/good";
import { PackProcess } from "./support/packProcess";

interface Outcome {
  /** The rules that are violated. */
  readonly violated: string[];
  /** Those that say that they can't tell. */
  readonly cannotTell: string[];
}

const distinct = (names: readonly string[]): string[] => [...new Set(names)].sort();

describe("the policy pack's process", function () {
  let pack: PackProcess;

  before(async function () {
    this.timeout(120_000);
    pack = await PackProcess.start();
  });

  after(() => pack.stop());

  async function outcome(resources: readonly StackResource[]): Promise<Outcome> {
    const found = await pack.judge(resources);
    const undecided = found.filter(({ policy }) => policy === UNDECIDED.name);
    return {
      violated: distinct(found.filter((each) => !undecided.includes(each)).map(({ policy }) => policy)),
      cannotTell: distinct(undecided.map(({ message }) => /^([\w-]+) can't tell/m.exec(message)![1]!)),
    };
  }

  describe("refuses a stack with", () => {
    for (const { title, rules, stack } of BAD_STACKS) {
      it(title, async () => {
        expect((await outcome(stack().deployed())).violated).to.deep.equal([...rules].sort());
      });
    }
  });

  describe("in a first preview, refuses or can't tell a stack with", () => {
    for (const { title, rules, stack } of BAD_STACKS) {
      it(title, async () => {
        const { violated, cannotTell } = await outcome(stack().previewed());
        expect([...rules]).to.include.members(violated);
        expect([...violated, ...cannotTell]).to.include.members([...rules]);
      });
    }
  });

  describe("has nothing against", () => {
    for (const { title, stack } of GOOD_STACKS) {
      it(title, async () => {
        expect((await outcome(stack().deployed())).violated).to.deep.equal([]);
        expect((await outcome(stack().previewed())).violated).to.deep.equal([]);
      });
    }
  });

  it("finds what judging in this process finds", async () => {
    for (const { stack } of [...BAD_STACKS, ...GOOD_STACKS]) {
      const resources = stack().deployed();
      const { violations, undecided } = judge(resources);
      expect(await outcome(resources)).to.deep.equal({
        violated: distinct(violations.map(({ rule }) => rule)),
        cannotTell: distinct(undecided.map(({ rule }) => rule)),
      });
    }
  });
});

describe("the tables of stacks", () => {
  it("have bad ones for every rule, and enough of both", () => {
    expect(distinct(BAD_STACKS.flatMap(({ rules }) => rules))).to.deep.equal(RULES.map(({ name }) => name).sort());
    expect(BAD_STACKS).to.have.length.of.at.least(40);
    expect(GOOD_STACKS).to.have.length.of.at.least(20);
  });

  it("have no title twice", () => {
    const titles = [...BAD_STACKS, ...GOOD_STACKS].map(({ title }) => title);
    expect(distinct(titles)).to.have.length(titles.length);
  });
});
