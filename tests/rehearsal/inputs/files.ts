import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { InputError } from "../../../rehearsal/inputs/inputError";

/** The recorded traces, which not everyone has. */
const DATA = path.resolve("../shared/data");

/** A recorded file; skips the test where there is none. */
export function recorded(test: Mocha.Context, name: string): string {
  const file = path.join(DATA, name);
  if (!existsSync(file)) test.skip();
  return file;
}

const folders: string[] = [];

/** Writes a file for a test, and gives its path. */
export function fixture(name: string, lines: readonly string[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), "spotproof-inputs-"));
  folders.push(folder);
  const file = path.join(folder, name);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  return file;
}

/** For a test file's `after`: each has its own, since files that share a process load this module once. */
export function removeFixtures(): void {
  folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true }));
}

/** The input error that reading throws. */
export function inputErrorOf(read: () => unknown): InputError {
  try {
    read();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Where and what, for each problem, without the folder. */
export function problemsOf(read: () => unknown): string[] {
  return inputErrorOf(read).problems.map(({ where, given }) => `${path.basename(where)} ${given}`);
}
