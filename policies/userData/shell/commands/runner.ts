import type { Invocation, Outcome, Shell } from "../shell";

/** Does what a command does, as far as it can be known. */
export type Runner = (shell: Shell, invocation: Invocation) => Outcome;

export type Runners = Readonly<Record<string, Runner>>;
