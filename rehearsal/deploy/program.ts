/** Runs a Pulumi program file to its end under the recording monitor. */
import { createRequire } from "node:module";
import path from "node:path";
import { record, type Resource, type Stack } from "./monitor";

/** They keep nothing of a program that used them, and every load of them serializes their functions anew. */
const KEPT = ["components", "functions"].map((room) => path.join(__dirname, "../..", room, path.sep));

const requireFrom = createRequire(__filename);

/** Declares everything in `file` anew, whether or not it has run before in this process. */
export async function declareProgram(file: string, stack: Stack): Promise<Resource[]> {
  // Somebody else may have loaded it, whose load declared nothing here.
  Reflect.deleteProperty(requireFrom.cache, path.resolve(file));
  const before = new Set(Object.keys(requireFrom.cache));
  const folder = process.cwd();
  process.chdir(path.dirname(file));
  try {
    return await record(() => requireFrom(path.resolve(file)) as unknown, stack);
  } finally {
    process.chdir(folder);
    for (const loaded of Object.keys(requireFrom.cache)) {
      const stays =
        loaded.includes(`${path.sep}node_modules${path.sep}`) || KEPT.some((room) => loaded.startsWith(room));
      if (!before.has(loaded) && !stays) Reflect.deleteProperty(requireFrom.cache, loaded);
    }
  }
}
