/** The files that a rehearsal writes: opened before it begins, so that a wrong path costs no time. */
import { accessSync, constants, createWriteStream, openSync, writeFileSync } from "node:fs";
import path from "node:path";
import { InputError, type InputProblem } from "./inputs/inputError";
import type { RehearsalResult } from "./measure/result";
import type { SeedsResult } from "./measure/seeds";
import type { LogSink } from "./world/log";

export interface Outputs {
  /** Undefined where no log is wanted. */
  readonly sink: LogSink | undefined;
  /** Writes the result and ends the log. */
  finish(result: RehearsalResult | SeedsResult): Promise<void>;
}

export interface OutputFiles {
  readonly json?: string;
  readonly log?: string;
}

/** @throws InputError where a file can't be written */
export function openOutputs({ json, log }: OutputFiles): Outputs {
  const problems = [...unwritable("--json", json), ...unwritable("--log", log)];
  if (problems.length > 0) throw new InputError("Output", problems);
  const stream = log === undefined ? undefined : createWriteStream(log, { fd: openSync(log, "w") });
  return {
    sink: stream === undefined ? undefined : (line) => void stream.write(`${JSON.stringify(line)}\n`),
    finish: async (result) => {
      if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, undefined, 2)}\n`);
      if (stream === undefined) return;
      await new Promise<void>((resolve, reject) => {
        stream.once("error", reject);
        stream.end(() => resolve());
      });
    },
  };
}

function unwritable(flag: string, file: string | undefined): InputProblem[] {
  if (file === undefined) return [];
  try {
    accessSync(path.dirname(file), constants.W_OK);
    return [];
  } catch {
    const allowed = "a file in a folder that is there and can be written";
    return [{ where: flag, given: file, allowed, fix: "make the folder, or name another file" }];
  }
}
