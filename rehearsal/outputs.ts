/** The files that a rehearsal writes: opened before it begins, so that a wrong path costs no time. */
import { accessSync, constants, createWriteStream, mkdirSync, openSync, writeFileSync } from "node:fs";
import path from "node:path";
import { InputError, type InputProblem } from "./inputs/inputError";
import type { RehearsalResult } from "./measure/result";
import type { SeedsResult } from "./measure/seeds";
import type { LogSink } from "./world/log";

export interface Outputs {
  /** Undefined where no log is wanted. */
  readonly sink: LogSink | undefined;
  /** Writes the result and the page, and ends the log. */
  finish(result: RehearsalResult | SeedsResult, page?: string): Promise<void>;
}

export interface OutputFiles {
  readonly json?: string;
  readonly log?: string;
  /** False: no page. */
  readonly report?: string | false;
}

/** Where the page goes unless another file is named; its folder is made. */
export const DEFAULT_REPORT = path.join("rehearsal-output", "report.html");

/** @throws InputError where a file can't be written */
export function openOutputs({ json, log, report = false }: OutputFiles): Outputs {
  if (report === DEFAULT_REPORT) mkdirSync(path.dirname(report), { recursive: true });
  const problems = [
    ...unwritable("--json", json),
    ...unwritable("--log", log),
    ...(report === false ? [] : unwritable("--report", report)),
  ];
  if (problems.length > 0) throw new InputError("Output", problems);
  const stream = log === undefined ? undefined : createWriteStream(log, { fd: openSync(log, "w") });
  return {
    sink: stream === undefined ? undefined : (line) => void stream.write(`${JSON.stringify(line)}\n`),
    finish: async (result, page) => {
      if (report !== false && page !== undefined) writeFileSync(report, page);
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
