import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import type { Rule, Setting } from "../../policies/rule";
import { RULES, UNDECIDED } from "../../policies/rules";

const DOCUMENT = readFileSync(path.join(__dirname, "..", "..", "policies", "RULES.md"), "utf8");
const [introduction = "", ...SECTIONS] = DOCUMENT.split(/^(?=## [a-z-]+$)/m);

const sectionOf = ({ name }: { readonly name: string }): string =>
  SECTIONS.find((section) => section.startsWith(`## ${name}\n`)) ?? "";

function expectDescribed(
  rule: Pick<
    Rule,
    "name" | "displayName" | "severity" | "enforcementLevel" | "remediationSteps" | "url" | "remediation"
  >,
): void {
  const section = sectionOf(rule);
  const { displayName, severity, enforcementLevel, remediationSteps, url } = rule;
  expect(section).to.include(`**${displayName}.** ${enforcementLevel}, ${severity}.\n`);
  expect(section).to.include(`- Remedy${rule.remediation ? " (*automatic*)" : ""}: ${remediationSteps}\n`);
  expect(section).to.include(`- See: <${url}>\n`);
  for (const part of ["Cause", "Why"]) expect(section).to.match(new RegExp(`^- ${part}: \\S.{20,}\\.$`, "m"));
  expect(introduction).to.match(
    new RegExp(`^\\| \\[${rule.name}\\]\\(#${rule.name}\\) +\\| ${enforcementLevel} +\\| ${severity} +\\| \\S`, "m"),
  );
}

describe("RULES.md", () => {
  it("has every rule, in the pack's order, and no other", () => {
    const names = SECTIONS.map((section) => section.slice(3, section.indexOf("\n")));
    expect(names).to.deep.equal([...RULES.map(({ name }) => name), UNDECIDED.name]);
    const rows = [...introduction.matchAll(/^\| \[([a-z-]+)\]/gm)].map(([, name]) => name);
    expect(rows).to.deep.equal(names);
  });

  for (const rule of RULES) {
    it(`says of ${rule.name} what the code says`, () => {
      expectDescribed(rule);
      const settings = Object.entries<Setting>(rule.configSchema);
      const line = /^- Settings: (.*)$/m.exec(sectionOf(rule))?.[1];
      const written = settings.map(
        ([key, setting]) =>
          `\`${key}\` (${JSON.stringify(setting.default)}): ${setting.description.replace(/\.$/, "")}`,
      );
      expect(line).to.equal(written.length > 0 ? `${written.join("; ")}.` : undefined);
    });
  }

  it("says of undecided what the code says", () => {
    expectDescribed({ ...UNDECIDED, enforcementLevel: "advisory" });
  });
});
