import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { ROOT } from "./project";

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

/** Cruises a tree of files, path → text, under the project's own rules. */
function violationsIn(files: Readonly<Record<string, string>>): Violation[] {
  const folder = mkdtempSync(join(tmpdir(), "spotproof-arrows-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const cruised = execFileSync(
      process.execPath,
      [
        join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs"),
        ...["--config", join(ROOT, ".dependency-cruiser.cjs"), "--output-type", "json", "."],
      ],
      { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 26 },
    );
    return (JSON.parse(cruised) as { summary: { violations: Violation[] } }).summary.violations;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const SDK = "@aws-sdk/client-ecs";
const ROOMS = ["components", "functions", "runtime", "policies", "rehearsal", "tests", "bench"];

/** A tree with every room, each exporting a value and a type, that breaks no rule. */
const SOUND: Readonly<Record<string, string>> = {
  "tsconfig.json": `{"compilerOptions": {"module": "nodenext"}}`,
  "package.json": JSON.stringify({ name: "tree", devDependencies: { [SDK]: "3" } }),
  [`node_modules/${SDK}/package.json`]: JSON.stringify({ name: SDK, version: "3.0.0", main: "index.js" }),
  [`node_modules/${SDK}/index.js`]: "exports.ECSClient = class {};",
  ...Object.fromEntries(ROOMS.map((room) => [`${room}/part.ts`, "export const part = 1; export type Part = 1;"])),
  "components/spotCluster.ts": `import { part } from "../functions/part"; import { check } from "./checks"; export const cluster = check(part); export type Args = 1;`,
  "components/checks.ts": `import type { Args } from "./spotCluster"; export const check = (args: Args) => args;`,
  "config.ts": `import type { Args } from "./components/spotCluster"; import { part } from "./components/part"; export const config = part as Args;`,
  "index.ts": `import { config } from "./config"; import { cluster } from "./components/spotCluster"; export const out = [config, cluster];`,
  "functions/plan.ts": `import type { Task } from "${SDK}"; export const plan = (task: Task) => task;`,
  "functions/callback.ts": `export const make = () => (require("${SDK}") as typeof import("${SDK}")).ECSClient;`,
  "rehearsal/main.ts": `import "../index"; import "../functions/part"; import "../policies/part"; import { ECSClient } from "${SDK}"; export const client = ECSClient;`,
  "tests/all.test.ts": `import "../rehearsal/main"; import "../policies/part"; import "../runtime/part";`,
  "bench/main.ts": `import "../rehearsal/main";`,
};

/** Each rule, with the file and the import that break it. */
const BREACHES: readonly { readonly rule: string; readonly file: string; readonly text: string }[] = [
  { rule: "no-unresolvable", file: "components/a.ts", text: `import "./misspelt";` },
  { rule: "index-puts-together", file: "index.ts", text: `import "./functions/part";` },
  { rule: "config-takes-small-parts", file: "config.ts", text: `import "./functions/part";` },
  { rule: "config-builds-nothing", file: "config.ts", text: `import { cluster } from "./components/spotCluster";` },
  { rule: "components-use-functions", file: "components/b.ts", text: `import "../config";` },
  { rule: "components-use-functions", file: "components/c.ts", text: `import type { Part } from "../rehearsal/part";` },
  { rule: "examples-use-components", file: "examples/j.ts", text: `import "../config";` },
  { rule: "functions-stand-alone", file: "functions/d.ts", text: `import "../components/part";` },
  {
    rule: "functions-take-only-types-from-the-sdk",
    file: "functions/e.ts",
    text: `import { ECSClient } from "${SDK}";`,
  },
  { rule: "runtime-stands-alone", file: "runtime/f.ts", text: `import "../functions/part";` },
  { rule: "rehearsal-looks-in", file: "rehearsal/g.ts", text: `import "../tests/part";` },
  { rule: "policies-stand-alone", file: "policies/h.ts", text: `import "../functions/part";` },
  { rule: "product-needs-no-dev-dependency", file: "components/i.ts", text: `import { ECSClient } from "${SDK}";` },
];

describe("the arrows between the rooms", () => {
  it("let a sound tree pass", () => {
    expect(violationsIn(SOUND)).to.be.empty;
  });

  describe("catch", () => {
    let found: Violation[];
    before(() => {
      const files: Record<string, string> = { ...SOUND };
      for (const { file, text } of BREACHES) files[file] = `${files[file] ?? ""}\n${text} export const own = 1;`;
      files["runtime/left.ts"] = `import "./right";`;
      files["runtime/right.ts"] = `import "./left";`;
      found = violationsIn(files);
    });

    for (const { rule, file, text } of BREACHES) {
      it(`${rule}: ${text} in ${file}`, () => {
        expect(found.filter(({ from }) => from === file).map((violation) => violation.rule.name)).to.include(rule);
      });
    }

    it("no-cycles: two files that import each other", () => {
      const cycle = found.filter(({ rule }) => rule.name === "no-cycles").flatMap(({ from, to }) => [from, to]);
      expect(cycle).to.have.members(["runtime/left.ts", "runtime/right.ts"]);
    });

    it("nothing else", () => {
      const expected = new Set(["no-cycles", ...BREACHES.map(({ rule }) => rule)]);
      expect(new Set(found.map(({ rule }) => rule.name))).to.deep.equal(expected);
    });
  });
});
