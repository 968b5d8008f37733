/** The stacks of this repository, and the programs that they are rehearsed against. */
import path from "node:path";
import { expect } from "chai";
import { judge, type Judgement } from "../../policies/judge";
import { RULES } from "../../policies/rules";
import { declareProgram } from "../../rehearsal/deploy/program";
import { configUnder, readStackConfig } from "../../rehearsal/deploy/stackConfig";
import { PLACE } from "../support/stage";

const ROOT = path.join(__dirname, "..", "..");

async function judged(
  program: string,
  stack: string,
  over: Readonly<Record<string, unknown>> = {},
): Promise<Judgement> {
  const own = readStackConfig(ROOT, stack);
  const { project, secretKeys } = own;
  const config = configUnder(own, over);
  return judge(await declareProgram(path.join(ROOT, program), { project, stack, ...PLACE, config, secretKeys }));
}

const violated = ({ violations }: Judgement): string[] => [...new Set(violations.map(({ rule }) => rule))];

describe("the repository's own stacks", () => {
  for (const stack of ["dev", "prod"]) {
    it(`have nothing that a rule finds or can't tell: ${stack}`, async () => {
      expect(await judged("index.ts", stack)).to.deep.equal({ checked: RULES.length, violations: [], undecided: [] });
    });
  }

  it("have nothing either where the group replaces its instances itself", async () => {
    const judgement = await judged("index.ts", "prod", { replacement: "capacityRebalancing" });
    expect(judgement).to.deep.equal({ checked: RULES.length, violations: [], undecided: [] });
  });

  it("are refused without the function's right to replace", async () => {
    const own = readStackConfig(ROOT, "prod");
    const resources = await declareProgram(path.join(ROOT, "index.ts"), { ...own, stack: "prod", ...PLACE });
    const without = resources.filter(
      ({ type, name }) => !(type === "aws:iam/rolePolicy:RolePolicy" && name.includes("drain")),
    );
    expect(violated(judge(without))).to.deep.equal(["instance-replaced"]);
  });
});

describe("the baselines", () => {
  it("are refused where nobody handles an interruption", async () => {
    const judgement = await judged("rehearsal/baselines/unhandled.ts", "prod");
    expect(violated(judgement)).to.deep.equal([
      "draining-enabled",
      "time-budget",
      "drain-in-time",
      "instance-replaced",
    ]);
  });

  it("pass where all that AWS offers is switched on", async () => {
    expect(violated(await judged("rehearsal/baselines/awsNative.ts", "prod"))).to.deep.equal([]);
  });
});
