/** Runs a Pulumi program file to its end under the recording monitor. */
import path from "node:path";
import { record, type Resource, type Stack } from "./monitor";
import { requireAnew } from "./requireAnew";

/** Declares everything in `file` anew, whether or not it has run before in this process. */
export async function declareProgram(file: string, stack: Stack): Promise<Resource[]> {
  const folder = process.cwd();
  process.chdir(path.dirname(file));
  try {
    return await requireAnew(file, (load) => record(load, stack));
  } finally {
    process.chdir(folder);
  }
}
