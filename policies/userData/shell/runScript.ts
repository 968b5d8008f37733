import { ECS_CONFIG } from "../agentFiles";
import type { Budget } from "../budget";
import type { Marks } from "../marks";
import { runWords } from "./commands";
import { markAgentUnknown } from "./files";
import type { Frame } from "./frame";
import { interpret, NO_IO } from "./interpret";
import { isolated, type Shell } from "./shell";
import { newState } from "./state";
import { runStatements } from "./statements";

/** A shell at boot, before the first script: the image's file of agent settings is taken to be empty, as ECS's images have it. */
export function bootShell(marks: Marks, budget: Budget): Shell {
  return {
    marks,
    budget,
    state: newState(new Map([[ECS_CONFIG, ""]])),
    parked: [],
    frame: { source: "", nameLine: String },
    pipes: 0,
    locals: [],
    runStatements,
    runWords,
  };
}

const SHELLS = /^#!\s*(?:\S*\/)?(?:env\s+(?:-S\s+)?)?(?:\S*\/)?(?:bash|sh|dash|ash)(?:\s|$)/;

/** Runs a script as a process of its own. */
export function runScript(shell: Shell, frame: Frame): void {
  const { source, nameLine } = frame;
  if (source.startsWith("#!") && !SHELLS.test(source)) {
    markAgentUnknown(shell, `${nameLine(1)}: \`${source.split("\n")[0]?.slice(0, 60)}\`, whose script isn't a shell's`);
    return;
  }
  isolated(shell, () => void interpret(shell, frame, NO_IO));
}
