import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { priceTable } from "../../rehearsal/inputs/prices";
import { declareStack, workflowStacks } from "../../tools/docs/deployer/program";
import { stackConfig } from "../support/stackFiles";
import { projectFiles, readText, ROOT } from "./project";

const STACKS = workflowStacks().filter((stack) => stack.startsWith("prod-"));
const PAGE = readText("docs/regions.md");

const instanceTypesOf = (stack: string): string[] =>
  JSON.parse(stackConfig(stack)["spotproof:instanceTypes"] ?? "[]") as string[];

/** The price file that the page has its reader write. */
function pricesOfPage(): string {
  const [, csv = ""] = /<<'CSV'\n([\s\S]*?)^ *CSV$/m.exec(PAGE) ?? [];
  return csv.replace(/^ +/gm, "");
}

describe("the stacks of the Regions", () => {
  it("are three, each named after its Region", () => {
    expect(STACKS).to.have.lengthOf(3);
    for (const stack of STACKS) expect(stack).to.equal(`prod-${stackConfig(stack)["aws:region"]}`);
  });

  for (const stack of STACKS) {
    it(`are right, and share no id with another stack: ${stack}`, async () => {
      const resources = await declareStack(stack);
      expect(resources.some(({ type }) => type === "aws:ecs/service:Service")).to.equal(true);
      const ids = readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), "utf8").match(
        /\b(vpc|subnet)-[0-9a-f]{17}|certificate\/.*/g,
      )!;
      expect(new Set(ids).size, "each id once").to.equal(ids.length);
      for (const other of [...STACKS, "prod"].filter((each) => each !== stack))
        for (const id of ids) expect(readText(`Pulumi.${other}.yaml`), other).not.to.include(id);
    });

    it(`have their certificate in their Region: ${stack}`, () => {
      const config = stackConfig(stack);
      expect(config["spotproof:certificateArn"]!.split(":")[3]).to.equal(config["aws:region"]);
    });

    it(`are on the page: ${stack}`, () => {
      const { "spotproof:minSize": min, "spotproof:maxSize": max } = stackConfig(stack);
      expect(PAGE).to.match(new RegExp(`\\[\`${stack}\`\\].*\\| ${min} to ${max} \\|$`, "m"));
    });
  }

  it("can be rehearsed with the prices that the page gives where none ship", () => {
    const folder = mkdtempSync(join(tmpdir(), "spotproof-prices-"));
    try {
      const file = join(folder, "prices.csv");
      writeFileSync(file, pricesOfPage());
      expect(() => priceTable("ap-southeast-2")).to.throw();
      const prices = priceTable("ap-southeast-2", [file]);
      for (const type of instanceTypesOf("prod-ap-southeast-2"))
        expect(prices.spotUsdPerHour(type, 0), type).to.be.above(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

type Level = string | { readonly enforcementLevel: string; readonly [setting: string]: unknown };

describe("the enforcement levels of the stacks", () => {
  const files = projectFiles().filter((path) => /^policies\/rules\/\w+\.ts$/.test(path));
  const rules = new Map(
    files.map(readText).flatMap((text) => {
      const [, name] = /\bname: "([\w-]+)"/.exec(text) ?? [];
      return name === undefined ? [] : [[name, text] as const];
    }),
  );

  for (const stack of workflowStacks()) {
    it(`name rules of the pack, their settings, and levels of Pulumi: ${stack}`, () => {
      const levels = JSON.parse(readText(`.github/policies/${stack}.json`)) as Record<string, Level>;
      for (const [rule, level] of Object.entries(levels)) {
        expect([...rules.keys(), "all"]).to.include(rule);
        const { enforcementLevel, ...settings } = typeof level === "string" ? { enforcementLevel: level } : level;
        expect(["advisory", "remediate", "mandatory", "disabled"]).to.include(enforcementLevel);
        for (const setting of Object.keys(settings)) expect(rules.get(rule)).to.include(`${setting}: {`);
      }
    });
  }

  it("keep what loses requests mandatory in development too", () => {
    const levels = JSON.parse(readText(".github/policies/dev.json")) as Record<string, Level>;
    expect(levels).to.include({ "draining-enabled": "mandatory", "stop-timeout": "mandatory" });
  });
});
