import { expect } from "chai";
import ts from "typescript";
import { declareStack, deploymentStacks, workflowStacks } from "../../tools/docs/deployer/program";
import { metricNames } from "../../tools/docs/metricNames";
import { readText } from "./project";

const RUNBOOK = readText("docs/runbook.md");
const FUNCTION = ["event", "handler", "plan", "report"].map((name) => `functions/drain/${name}.ts`);

/** The texts of a source file: literals, and the fixed parts of templates. Imports are none. */
function textsIn(path: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node))
      texts.push(node.head.text, ...node.templateSpans.map(({ literal }) => literal.text));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, readText(path), ts.ScriptTarget.Latest));
  return texts;
}

/** The values of a property where it is written as a literal. */
function valuesOf(path: string, property: string): string[] {
  return [...readText(path).matchAll(new RegExp(`\\b${property}: "(\\w+)"`, "g"))].map(([, value = ""]) => value);
}

describe("the runbook", () => {
  it("says of every decision what it means", () => {
    const actions = valuesOf("functions/drain/plan.ts", "kind");
    const decisions = FUNCTION.flatMap((path) => valuesOf(path, "decision"));
    expect([...actions, ...decisions]).to.include.members(["drain", "terminate", "ignored", "failed"]);
    for (const decision of new Set([...actions, ...decisions]))
      expect(RUNBOOK, decision).to.match(new RegExp(`^\\| \`${decision}\` \\|`, "m"));
  });

  it("has every reason that the function gives", () => {
    const reasons = FUNCTION.flatMap(textsIn)
      .map((text) => text.trim())
      .filter((text) => /^\w+( |: )\S+/.test(text) || text.startsWith("notice "));
    expect(reasons).to.include.members(["others serve", "no other target is healthy", "not JSON"]);
    for (const reason of reasons) expect(RUNBOOK).to.include(reason);
  });

  it("says of every metric what it means", () => {
    expect(metricNames()).to.include.members(["Notices", "LeadTime", "FailedActions"]);
    for (const metric of metricNames()) expect(RUNBOOK).to.match(new RegExp(`^\\| .*\`${metric}\``, "m"));
  });

  it("says of every alarm that a stack declares what it means", async function () {
    this.timeout(60_000);
    const names: string[] = [];
    for (const stack of [...workflowStacks(), ...deploymentStacks()]) {
      const alarms = (await declareStack(stack)).filter(
        ({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm",
      );
      names.push(...alarms.map(({ name }) => name));
    }
    for (const name of names) expect(RUNBOOK, name).to.include(`\`${name}\``);
    const saysNone = RUNBOOK.includes("The components declare none yet");
    expect(saysNone, "whether the page says that there are none").to.equal(names.length === 0);
  });
});
