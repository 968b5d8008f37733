/** Loads a program as if for the first time: what is declared while a module loads is declared once a load. */
import { createRequire } from "node:module";
import path from "node:path";

const requireFrom = createRequire(__filename);

/** Runs `use` on what `file` exports, with it and all of its own modules loaded anew; packages stay as they are. */
export async function requireAnew<Result>(
  file: string,
  use: (load: () => unknown) => Promise<Result>,
): Promise<Result> {
  // Somebody else may have loaded it, whose load declared nothing here.
  Reflect.deleteProperty(requireFrom.cache, path.resolve(file));
  const before = new Set(Object.keys(requireFrom.cache));
  try {
    return await use(() => requireFrom(path.resolve(file)) as unknown);
  } finally {
    for (const loaded of Object.keys(requireFrom.cache)) {
      if (!before.has(loaded) && !loaded.includes(`${path.sep}node_modules${path.sep}`))
        Reflect.deleteProperty(requireFrom.cache, loaded);
    }
  }
}
