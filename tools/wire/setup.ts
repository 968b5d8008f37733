/**
 * Makes what the wire tests need beside npm. Exits with 69 where Python is missing, which `.ci/run` counts as skipped, and
 * with 1 where making it failed.
 */
import { makePythonEnvironment, PythonMissing } from "./pythonEnvironment";

/** `EX_UNAVAILABLE` of sysexits.h. */
const TOOL_MISSING = 69;

try {
  makePythonEnvironment(process.env, (line) => console.log(line));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = error instanceof PythonMissing ? TOOL_MISSING : 1;
}
