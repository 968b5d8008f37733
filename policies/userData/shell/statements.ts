import type * as ast from "unbash";
import { hasMark } from "../marks";
import { runCommand } from "./command";
import { negated, testExpression } from "./conditions";
import { globPattern, matches } from "./patterns";
import { runFor, runWhile, runUnknownTimes } from "./loops";
import { redirected } from "./redirections";
import { captured, fork, type Io, isolated, type Outcome, placeIn, type Shell } from "./shell";
import { expandText } from "./words";

export function runStatements(shell: Shell, statements: readonly ast.Statement[], io: Io): Outcome {
  let outcome: Outcome = "success";
  for (const { command } of statements) {
    if (shell.state.flow !== "running") return outcome;
    shell.budget.spend();
    outcome = run(shell, command, io);
  }
  return outcome;
}

function run(shell: Shell, node: ast.PipelineNode | ast.AndOr | ast.CompoundList, io: Io): Outcome {
  if (isCompound(node)) return runCompound(shell, node, io);
  switch (node.type) {
    case "Command":
      return runCommand(shell, node, io);
    case "AndOr":
      return runAndOr(shell, node, io);
    case "Pipeline":
      return runPipeline(shell, node, io);
    case "Redirected":
      return runCompound(shell, node.command, redirected(shell, node.redirects, io));
    case "Function":
      shell.state.functions.set(node.name.value, { body: node.body, frame: shell.frame });
      return "success";
    case "CompoundList":
      return runStatements(shell, node.commands, io);
    case "Coproc":
      return run(shell, node.body, io);
  }
}

const COMPOUND = new Set(
  "ArithmeticCommand ArithmeticFor BraceGroup Case For If Select Subshell TestCommand While".split(" "),
);

function isCompound(node: ast.SyntaxNode): node is ast.CompoundCommand {
  return COMPOUND.has(node.type);
}

/** The body of a function. */
export function runBody(shell: Shell, body: ast.Function["body"], io: Io): Outcome {
  return run(shell, body, io);
}

function runCompound(shell: Shell, node: ast.CompoundCommand, io: Io): Outcome {
  switch (node.type) {
    case "BraceGroup":
      return runStatements(shell, node.body.commands, io);
    case "Subshell": {
      let outcome: Outcome = "unknown";
      isolated(shell, () => (outcome = runStatements(shell, node.body.commands, io)));
      return outcome;
    }
    case "If":
      return runIf(shell, [node, ...node.elif], node.else, io);
    case "Case":
      return runCase(shell, node, io);
    case "For":
      return runFor(shell, node, io);
    case "While":
      return runWhile(shell, node, io);
    case "Select":
      shell.state.variables.set(node.name.value, shell.marks.unknown(`${placeIn(shell, node)} asks for it`));
      return runUnknownTimes(shell, node, node.body, io);
    case "ArithmeticFor":
      return runUnknownTimes(shell, node, node.body, io);
    case "TestCommand":
      return testExpression(shell, node.expression);
    case "ArithmeticCommand":
      return "unknown";
  }
}

function runPipeline(shell: Shell, node: ast.Pipeline, io: Io): Outcome {
  const { commands, prefixes } = node;
  let { stdin } = io;
  let outcome: Outcome = "success";
  const runOne = (command: ast.CommandNode, own: Io) =>
    command.type === "Command" ? runCommand(shell, command, own, node) : run(shell, command, own);
  commands.forEach((command, i) => {
    if (commands.length === 1) outcome = runOne(command, io);
    else if (i < commands.length - 1) {
      const given = stdin;
      stdin = captured(shell, (out) => runOne(command, { stdin: given, out }));
    } else isolated(shell, () => (outcome = runOne(command, { ...io, stdin })));
  });
  return prefixes.filter(({ type }) => type === "Negation").reduce(negated, outcome as Outcome);
}

function runAndOr(shell: Shell, { commands, operators }: ast.AndOr, io: Io): Outcome {
  const [first, ...others] = commands;
  let outcome: Outcome = first === undefined ? "success" : run(shell, first, io);
  let before = first;
  others.forEach((command, i) => {
    if (shell.state.flow !== "running") return;
    const given: Outcome = outcome;
    const isAnd = operators[i] === "&&";
    if (given === (isAnd ? "failure" : "success")) return;
    // A likely command is taken to succeed, as it does where the boot goes well; what follows its failure may run.
    if (given === (isAnd ? "success" : "failure") || (isAnd && given === "likely")) outcome = run(shell, command, io);
    else outcome = runPerhaps(shell, command, given, before ?? command, io);
    before = command;
  });
  return outcome;
}

function runPerhaps(
  shell: Shell,
  command: ast.PipelineNode,
  given: Outcome,
  condition: ast.PipelineNode,
  io: Io,
): Outcome {
  let outcome: Outcome = "unknown";
  fork(shell, `it depends on ${placeIn(shell, condition)}`, [
    () => (outcome = run(shell, command, io)),
    () => undefined,
  ]);
  const succeeds = (each: Outcome) => each === "success" || each === "likely";
  return succeeds(given) && succeeds(outcome) ? "likely" : "unknown";
}

type Clause = Pick<ast.If, "clause" | "then">;

function runIf(
  shell: Shell,
  [first, ...others]: readonly Clause[],
  otherwise: ast.CompoundList | undefined,
  io: Io,
): Outcome {
  if (first === undefined) return otherwise === undefined ? "success" : runStatements(shell, otherwise.commands, io);
  const condition = runStatements(shell, first.clause.commands, io);
  if (shell.state.flow !== "running") return condition;
  const holds = () => runStatements(shell, first.then.commands, io);
  const fails = () => runIf(shell, others, otherwise, io);
  if (condition === "success") return holds();
  if (condition === "failure") return fails();
  fork(shell, `it depends on ${placeIn(shell, first.clause)}`, [holds, fails]);
  return "likely";
}

function runCase(shell: Shell, node: ast.Case, io: Io): Outcome {
  const word = expandText(shell, node.word);
  const patterns = node.items.map(({ pattern }) => pattern.map((each) => expandText(shell, each)));
  const isDecided = !hasMark(word) && !patterns.flat().some(hasMark) && node.items.every(endsThere);
  if (isDecided) {
    const item = node.items.find((_, i) =>
      patterns[i]?.some((pattern) => matches(globPattern(pattern), word, shell.budget)),
    );
    return item === undefined ? "success" : runStatements(shell, item.body.commands, io);
  }
  const last = patterns.findIndex((each) => each.includes("*"));
  const items = last < 0 ? node.items : node.items.slice(0, last + 1);
  const branches = items.map((item) => () => void runStatements(shell, item.body.commands, io));
  fork(shell, `it depends on ${placeIn(shell, node)}`, last < 0 ? [...branches, () => undefined] : branches);
  return "likely";
}

function endsThere({ terminator }: ast.CaseItem): boolean {
  return terminator === undefined || terminator === ";;";
}
