import { ECS_CONFIG, IMAGE_CONFIG } from "../../agentFiles";
import { hasMark } from "../../marks";
import { negated, testOf } from "../conditions";
import { isPattern, markAgentUnknown, markUnknown, mayBe, print, resolvePath } from "../files";
import { DISCARDED, type Invocation, type Outcome, type Shell, inFrame, setOrUnset, until } from "../shell";
import { runBody } from "../statements";
import { FILE_COMMANDS } from "./fileCommands";
import { HARMLESS_COMMANDS, READING_COMMANDS, SILENT_COMMANDS, SYSTEM_FOLDER } from "./harmless";
import { OUTPUT } from "./output";
import type { Runner, Runners } from "./runner";
import { inShell, runWhole, RUNNING } from "./running";
import { TEXT_COMMANDS } from "./textCommands";
import { VARIABLES } from "./variables";

const TESTS: Runners = {
  true: () => "success",
  ":": () => "success",
  false: () => negated("success"),
  test: (shell, { words }) => testOf(shell, words.slice(1)),
  "[": (shell, { words }) => testOf(shell, words.slice(1, words.at(-1) === "]" ? -1 : undefined)),
};

const FOLLOWED = new Map<string, Runner>(
  [OUTPUT, FILE_COMMANDS, TEXT_COMMANDS, VARIABLES, RUNNING, TESTS].flatMap((runners) => Object.entries(runners)),
);

const CHARACTERS_PER_WORD = 16;

export function runWords(shell: Shell, invocation: Invocation): Outcome {
  return shell.budget.nested(() => {
    shell.budget.spend(invocation.words.reduce((sum, { length }) => sum + length + CHARACTERS_PER_WORD, 0));
    const [word = ""] = invocation.words;
    const own = shell.state.functions.get(word);
    if (own !== undefined) return callFunction(shell, own, invocation);
    const name = SYSTEM_FOLDER.exec(word)?.[1] ?? word;
    const runner = FOLLOWED.get(name);
    if (runner !== undefined) return runner(shell, { ...invocation, words: [name, ...invocation.words.slice(1)] });
    return HARMLESS_COMMANDS.has(name) || isPackageInstall(name, invocation.words)
      ? runHarmless(shell, name, invocation)
      : runProgram(shell, word, invocation);
  });
}

type OwnFunction = NonNullable<ReturnType<Shell["state"]["functions"]["get"]>>;

function callFunction(shell: Shell, { body, frame }: OwnFunction, { words, io, place }: Invocation): Outcome {
  const { positional } = shell.state;
  const before = new Map(shell.state.variables);
  shell.state.positional = words.slice(1);
  shell.locals.push([]);
  let outcome = "unknown" as Outcome;
  until(shell, ["return"], `it depends on where ${place} returns`, () => {
    outcome = inFrame(shell, frame, () => runBody(shell, body, io));
  });
  shell.state.positional = positional;
  for (const name of shell.locals.pop() ?? []) setOrUnset(shell, name, before.get(name));
  // What `return` gives isn't followed.
  return outcome === "success" || outcome === "likely" ? "likely" : "unknown";
}

function isPackageInstall(name: string, [, option, module]: readonly string[]): boolean {
  return /^python[\d.]*$/.test(name) && option === "-m" && /^(?:pip|venv|ensurepip)$/.test(module ?? "");
}

function runHarmless(shell: Shell, name: string, { words, io, place }: Invocation): Outcome {
  const args = words.slice(1);
  if (runsAgent(name, args)) markAgentUnknown(shell, place);
  if (!READING_COMMANDS.has(name)) {
    for (const path of [ECS_CONFIG, IMAGE_CONFIG]) {
      if (args.some((arg) => names(shell, arg, path))) markUnknown(shell, path, place);
    }
  }
  if (io.out !== DISCARDED && !SILENT_COMMANDS.has(name)) {
    print(shell, io, shell.marks.unknown(`what ${place} prints is only known at boot`));
  }
  return isQuestion(name) ? "unknown" : "likely";
}

/** The agent started by hand has what its command line gives it. */
function runsAgent(name: string, args: readonly string[]): boolean {
  return (
    /^(?:docker|podman|nerdctl|ctr)$/.test(name) &&
    args.some((arg) => arg.includes("amazon-ecs-agent")) &&
    args.some((arg) => /^(?:run|create)$/.test(arg))
  );
}

/** Whether an argument is this file, or a folder into which something is put that may be. */
function names(shell: Shell, arg: string, path: string): boolean {
  if (arg.includes(path)) return true;
  const value = arg.replace(/^[^/]*=/, "");
  if (/^(?:\/etc\/ecs|\/var\/lib\/ecs)\/?$/.test(value)) return path.startsWith(value.replace(/\/?$/, "/"));
  if (!value.includes("ecs") && (hasMark(value) || !value.includes("/"))) return false;
  const resolved = resolvePath(shell, value);
  return isPattern(resolved) ? resolved.includes("ecs") && mayBe(resolved, path) : resolved === path;
}

/** Commands that are asked whether something is so. */
function isQuestion(name: string): boolean {
  return /^(?:which|type|pgrep|getent|id|mountpoint|cmp|diff|expr|ping|nc|lsmod|findmnt|hash|let|systemd-detect-virt)$/.test(
    name,
  );
}

/** A program whose text is here, or one that may do anything. */
function runProgram(shell: Shell, word: string, invocation: Invocation): Outcome {
  const path = resolvePath(shell, word);
  const text = word.includes("/") && !isPattern(path) ? shell.state.files.get(path) : undefined;
  if (text !== undefined && /^#!\s*\S*\b(?:ba|da)?sh\b/.test(text)) {
    return inShell(shell, invocation.words.slice(1), () => runWhole(shell, text, invocation));
  }
  markAgentUnknown(shell, invocation.place);
  if (invocation.io.out !== DISCARDED) {
    print(shell, invocation.io, shell.marks.unknown(`what ${invocation.place} prints is only known at boot`));
  }
  return "likely";
}
