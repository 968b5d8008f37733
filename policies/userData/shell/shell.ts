import type * as ast from "unbash";
import type { Budget } from "../budget";
import type { Marks } from "../marks";
import { frameWithin, type Frame, placeOf } from "./frame";
import { copyOf, type Flow, joined, type State } from "./state";

/** `likely`: a command that fails only where the boot has gone wrong. */
export type Outcome = "success" | "likely" | "unknown" | "failure";

/** What a command reads, and the file to which its output goes. */
export interface Io {
  readonly stdin: string;
  readonly out: string;
  /** Where the script names that file. */
  readonly outPlace?: string;
}

export const DISCARDED = "/dev/null";

/** A command with its words expanded. */
export interface Invocation {
  readonly words: readonly string[];
  readonly io: Io;
  readonly pos: number;
  /** Where it is, for a person. */
  readonly place: string;
}

/** A shell that runs as far as what it does to files can be known. */
export interface Shell {
  readonly marks: Marks;
  readonly budget: Budget;
  state: State;
  /** States that wait for the end of a loop, a function or a script. */
  parked: State[];
  frame: Frame;
  /** Numbers its pipes. */
  pipes: number;
  /** The variables that each running function has declared for itself. */
  readonly locals: string[][];
  readonly runStatements: (shell: Shell, statements: readonly ast.Statement[], io: Io) => Outcome;
  readonly runWords: (shell: Shell, invocation: Invocation) => Outcome;
}

/** Runs each branch from the same state; afterwards it was one of them. */
export function fork(shell: Shell, reason: string, branches: readonly (() => void)[]): void {
  const start = shell.state;
  shell.budget.spend((start.files.size + start.variables.size) * branches.length);
  const ends = branches.map((branch) => {
    shell.state = copyOf(start);
    branch();
    return shell.state;
  });
  shell.parked.push(...ends.filter(({ flow }) => flow !== "running" && flow !== "failed"));
  const [first, ...others] = ends.filter(({ flow }) => flow === "running");
  shell.state = first === undefined ? { ...start, flow: "failed" } : joined([first, ...others], reason, shell.marks);
}

/** Runs what one of these flows ends: a loop, a function, a script. */
export function until(shell: Shell, flows: readonly Flow[], reason: string, run: () => void): void {
  const outer = shell.parked;
  shell.parked = [];
  run();
  const all = [shell.state, ...shell.parked];
  shell.parked = outer;
  const goesOn = ({ flow }: State) => flow === "running" || flows.includes(flow);
  const [first, ...others] = all.filter(goesOn).map((state) => ({ ...state, flow: "running" as const }));
  const waiting = all.filter((state) => !goesOn(state) && state.flow !== "failed");
  if (first !== undefined) {
    shell.state = joined([first, ...others], reason, shell.marks);
    outer.push(...waiting);
  } else outer.push(...waiting.filter((state) => state !== shell.state));
}

/** Runs in a shell of its own, which leaves nothing but its files. */
export function isolated(shell: Shell, run: () => void): void {
  const { variables, functions, positional, directory } = shell.state;
  shell.state = copyOf(shell.state);
  until(shell, ["exit", "return", "break"], "it depends on where the script ends", run);
  const { flow } = shell.state;
  shell.state = { files: shell.state.files, variables, functions, positional, directory, flow };
  // A subshell that fails doesn't end the script around it.
  if (flow === "failed") shell.state.flow = "running";
}

/** What commands print. */
export function captured(shell: Shell, run: (out: string) => void): string {
  const pipe = `pipe:${shell.pipes++}`;
  shell.state.files.set(pipe, "");
  isolated(shell, () => {
    run(pipe);
  });
  const text = shell.state.files.get(pipe) ?? "";
  shell.state.files.delete(pipe);
  return text;
}

export function setOrUnset({ state }: Shell, name: string, value: string | undefined): void {
  if (value === undefined) state.variables.delete(name);
  else state.variables.set(name, value);
}

export function placeIn(shell: Shell, node: { readonly pos: number; readonly end: number }): string {
  return placeOf(shell.frame, node);
}

/** Runs with places named after another text. */
export function inFrame<T>(shell: Shell, frame: Frame, run: () => T): T {
  const outer = shell.frame;
  shell.frame = frame;
  try {
    return run();
  } finally {
    shell.frame = outer;
  }
}

export function nestedFrame(shell: Shell, pos: number, source: string): Frame {
  return frameWithin(shell.frame, pos, source);
}
