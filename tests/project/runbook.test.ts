import { expect } from "chai";
import ts from "typescript";
import { declareStack, deploymentStacks, workflowStacks } from "../../tools/docs/deployer/program";
import { clusterMetricNames, recommendationMetricNames } from "../../tools/docs/metricNames";
import { readText } from "./project";

const RUNBOOK = readText("docs/runbook.md");

/** The files with what a function decides, by its part of the page. */
const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  "The drain function": [
    "lambda",
    ...filesOf("drain", "event", "handler", "plan", "report"),
    ...filesOf("drain/recommendation", "handler", "plan"),
  ].map(sourceOf),
  "The refresh function": ["lambda", ...filesOf("refresh", "event", "handler", "plan", "report")].map(sourceOf),
  "The fallback function": ["lambda", ...filesOf("fallback", "event", "handler", "plan", "planReturn", "report")].map(
    sourceOf,
  ),
  "The rebalance function": [
    "lambda",
    ...filesOf("retire", "act", "plan", "round", "step"),
    ...filesOf("rebalance", "act", "begin", "event", "handler", "moving", "report", "services", "tend"),
  ].map(sourceOf),
  "The scale-in function": [
    "lambda",
    ...filesOf("retire", "act", "plan", "round", "step"),
    ...filesOf("scaleIn", "event", "handler", "plan", "report"),
  ].map(sourceOf),
};

function filesOf(folder: string, ...names: string[]): string[] {
  return names.map((name) => `${folder}/${name}`);
}

function sourceOf(name: string): string {
  return `functions/${name}.ts`;
}

/** The part of the page under a heading of the third level. */
const partOf = (heading: string): string => RUNBOOK.split(`### ${heading}\n`)[1]?.split(/^##/m)[0] ?? "";

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

/** Kinds of events, and of what is planned on the way to a decision. */
const EVENT_KINDS = ["interruption", "recommendation", "launchFailed", "sweep", "alarm", "check", "look"].concat(
  ["schedule", "joined"],
  ["moving", "resting"],
  ["retire", "choose", "giveBack"],
);

describe("the runbook", () => {
  for (const [heading, files] of Object.entries(FUNCTIONS)) {
    it(`says of every decision what it means: ${heading}`, () => {
      const decisions = files.flatMap((path) => [...valuesOf(path, "kind"), ...valuesOf(path, "decision")]);
      expect(decisions).to.include.members(["ignored", "failed"]);
      const known = EVENT_KINDS.concat(decisions.filter((each) => partOf(heading).includes(`| \`${each}\` |`)));
      expect(decisions.filter((each) => !known.includes(each))).to.be.empty;
    });

    it(`has every reason: ${heading}`, () => {
      const reasons = files
        .flatMap(textsIn)
        .map((text) => text.trim())
        .filter((text) => /^\w+( |: )\S+/.test(text) || text.startsWith("notice "));
      expect(reasons).to.include.members(["not JSON", "the messages come back"]);
      for (const reason of reasons) expect(partOf(heading)).to.include(reason);
    });
  }

  it("says of every metric what it means", () => {
    const metrics = [...clusterMetricNames(), ...recommendationMetricNames()];
    expect(metrics).to.include.members(["Notices", "LeadTime", "FailedActions", "HintsTakenUp"]);
    for (const metric of metrics) expect(RUNBOOK).to.match(new RegExp(`^\\| .*\`${metric}\``, "m"));
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
    expect(names).not.to.be.empty;
  });
});
