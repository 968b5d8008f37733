import { ECS_CONFIG } from "../../agentFiles";
import { hasMark } from "../../marks";
import { isPattern, markAgentUnknown, mayBe, readFile, resolvePath } from "../files";
import { interpretText } from "../interpret";
import { commandAfterOptions, optionsOf } from "../options";
import { DISCARDED, fork, type Invocation, isolated, type Outcome, type Shell } from "../shell";
import { SYSTEM_SCRIPT } from "./harmless";
import type { Runners } from "./runner";

/** A command that runs the words after its own: its options with values, and how many words of its own follow them. */
function wrapper(withValue: readonly string[] = [], own = 0): Runners[string] {
  return (shell, invocation) => runRest(shell, invocation, commandAfterOptions(invocation.words, withValue).slice(own));
}

function runRest(shell: Shell, invocation: Invocation, rest: readonly string[]): Outcome {
  const at = rest.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  return at < 0 ? "likely" : shell.runWords(shell, { ...invocation, words: rest.slice(at) });
}

export const RUNNING: Runners = {
  sudo: wrapper(["u", "g", "h", "p", "C", "U", "r", "t", "user", "group"]),
  env: wrapper(["u", "C", "unset", "chdir"]),
  nohup: wrapper(),
  time: wrapper(),
  nice: wrapper(["n"]),
  ionice: wrapper(["c", "n"]),
  timeout: wrapper(["s", "k"], 1),
  setsid: wrapper(),
  stdbuf: wrapper(["i", "o", "e"]),
  command: command,
  builtin: wrapper(),
  exec: execute,
  "cloud-init-per": wrapper([], 2),
  xargs,
  bash: shellProgram,
  sh: shellProgram,
  dash: shellProgram,
  su: switchUser,
  runuser: switchUser,
  eval: evaluate,
  ".": source,
  source,
  trap,
  exit,
  return: leave("return"),
  break: leave("break"),
  continue: leave("break"),
};

function command(shell: Shell, invocation: Invocation): Outcome {
  if (/^-[vV]$/.test(invocation.words[1] ?? "")) return "unknown";
  return runRest(shell, invocation, commandAfterOptions(invocation.words));
}

/** Without a command its redirections hold for the rest of the script, which isn't followed where it prints to the agent's file. */
function execute(shell: Shell, invocation: Invocation): Outcome {
  const rest = commandAfterOptions(invocation.words, ["a"]);
  if (rest.length > 0) {
    const outcome = runRest(shell, invocation, rest);
    shell.state.flow = "exit";
    return outcome;
  }
  if (mayBe(invocation.io.out, ECS_CONFIG)) markAgentUnknown(shell, invocation.place);
  return "likely";
}

/** What `xargs` puts into the words is unknown. */
function xargs(shell: Shell, invocation: Invocation): Outcome {
  const { words, io, place } = invocation;
  const rest = commandAfterOptions(words, ["n", "I", "P", "L", "d", "s", "a"]);
  if (rest.length === 0) return "likely";
  const given = shell.marks.unknown(`${place} is given it`);
  const [, name] = /(?:^| )-I ?(\S+)/.exec(words.slice(0, words.length - rest.length).join(" ")) ?? [];
  const filled = name === undefined ? [...rest, given] : rest.map((word) => word.replaceAll(name, given));
  return runRest(shell, { ...invocation, io: { ...io, stdin: "" } }, filled);
}

/** `bash -c text`, `bash file` and `bash` with a script on its standard input. */
function shellProgram(shell: Shell, invocation: Invocation): Outcome {
  const { words, io, pos, place } = invocation;
  const { flags, operands } = optionsOf(words.slice(1), ["o", "O", "rcfile", "init-file"]);
  if (flags.has("version") || flags.has("help") || flags.has("n")) return "likely";
  const [first = ""] = operands;
  if (flags.has("c")) return inShell(shell, operands.slice(2), () => interpretText(shell, first, pos, place, io));
  const text = operands.length === 0 || flags.has("s") ? io.stdin : readFile(shell, first, place);
  return inShell(shell, operands.slice(1), () => runWhole(shell, text, invocation));
}

/** Runs in a shell of its own, with its own arguments. */
export function inShell(shell: Shell, positional: readonly string[], run: () => Outcome): Outcome {
  let outcome: Outcome = "unknown";
  isolated(shell, () => {
    shell.state.positional = positional;
    outcome = run();
  });
  return outcome;
}

/** A script of which a stretch is unknown may do anything. */
export function runWhole(shell: Shell, text: string, { pos, place, io }: Invocation): Outcome {
  if (!hasMark(text)) return interpretText(shell, text, pos, place, io);
  markAgentUnknown(shell, place);
  return "likely";
}

function switchUser(shell: Shell, { words, io, pos, place }: Invocation): Outcome {
  const { flags } = optionsOf(words.slice(1), ["c", "s", "command", "u", "shell"]);
  const text = flags.get("c") ?? flags.get("command");
  if (text !== undefined) return inShell(shell, [], () => interpretText(shell, text, pos, place, io));
  markAgentUnknown(shell, place);
  return "likely";
}

function evaluate(shell: Shell, { words, io, pos, place }: Invocation): Outcome {
  return interpretText(shell, words.slice(1).join(" "), pos, place, io);
}

/** Runs a file in this shell. One that nothing here has written may set any variable, and write anything. */
function source(shell: Shell, invocation: Invocation): Outcome {
  const path = resolvePath(shell, invocation.words[1] ?? "");
  const text = isPattern(path) ? undefined : shell.state.files.get(path);
  if (text === undefined && SYSTEM_SCRIPT.test(path)) return "likely";
  if (text !== undefined && !hasMark(text)) return runWhole(shell, text, invocation);
  shell.state.variables.clear();
  markAgentUnknown(shell, invocation.place);
  return "likely";
}

/** The handler may run. */
function trap(shell: Shell, { words, pos, place }: Invocation): Outcome {
  const [text = ""] = optionsOf(words.slice(1)).operands;
  const handler = () => {
    isolated(shell, () => void interpretText(shell, text, pos, place, { stdin: "", out: DISCARDED }));
  };
  if (text !== "") fork(shell, `it depends on whether ${place} runs`, [handler, () => undefined]);
  return "success";
}

/** A boot that ends in an error isn't judged. */
function exit(shell: Shell, { words }: Invocation): Outcome {
  shell.state.flow = /^[1-9]\d*$/.test(words[1] ?? "") ? "failed" : "exit";
  return "unknown";
}

function leave(flow: "return" | "break"): Runners[string] {
  return (shell) => {
    shell.state.flow = flow;
    return "unknown";
  };
}
