import { expect } from "chai";
import { ESLint, Linter } from "eslint";
import tseslint from "typescript-eslint";
import { ROOT } from "./project";

/** Restrictions by name only: they need no type information, so a text can be linted that is in no file. */
const RESTRICTIONS = [
  "no-restricted-globals",
  "no-restricted-properties",
  "no-restricted-syntax",
  "@typescript-eslint/no-restricted-imports",
  "@typescript-eslint/no-require-imports",
  "@typescript-eslint/no-explicit-any",
];

/** The restrictions that `text` would break if it stood in the file `path`. */
async function breaches(path: string, text: string): Promise<(string | null)[]> {
  const config = (await new ESLint({ cwd: ROOT }).calculateConfigForFile(path)) as { rules: Linter.RulesRecord };
  const rules = Object.fromEntries(
    RESTRICTIONS.filter((name) => name in config.rules).map((name) => [name, config.rules[name]]),
  ) as Linter.RulesRecord;
  const { parser, plugin } = tseslint;
  const languageOptions = { parser: parser as Linter.Parser };
  const plugins = { "@typescript-eslint": plugin } as unknown as Linter.Config["plugins"];
  const messages = new Linter({ cwd: ROOT }).verify(
    text,
    { files: ["**/*.ts"], languageOptions, plugins, rules },
    { filename: path },
  );
  return messages.map(({ ruleId }) => ruleId);
}

const REAL_TIME = [
  "Date.now();",
  "new Date();",
  "Date();",
  "Math.random();",
  "setTimeout(() => {}, 1);",
  "globalThis.setTimeout(() => {}, 1);",
  "performance.now();",
  `import { setTimeout } from "node:timers/promises";`,
];

describe("the lint rules", () => {
  for (const path of ["rehearsal/world/clock.ts", "functions/drain/plan.ts"]) {
    for (const text of REAL_TIME) {
      it(`keep ${text} out of ${path}`, async () => {
        expect(await breaches(path, text)).to.have.lengthOf(1);
      });
    }
  }

  it("let simulated time be shown as a date", async () => {
    expect(await breaches("rehearsal/world/clock.ts", "new Date(0).toISOString();")).to.be.empty;
  });

  it("let the command line show real time", async () => {
    expect(await breaches("rehearsal/main.ts", "Date.now();")).to.be.empty;
  });

  it("let only a callback's factory require", async () => {
    const text = `const sdk = require("@aws-sdk/client-ecs");`;
    expect(await breaches("functions/drain/callback.ts", text)).to.be.empty;
    expect(await breaches("functions/drain/handler.ts", text)).to.deep.equal(["@typescript-eslint/no-require-imports"]);
  });

  it("refuse an assertion inside an apply that nobody awaits", async () => {
    const text = "output.apply((value) => { expect(value).to.equal(1); });";
    expect(await breaches("tests/components/spotCluster.test.ts", text)).to.deep.equal(["no-restricted-syntax"]);
  });
});
