/** A program that many processes run, in JavaScript: each of them would compile it again. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "../../project/project";

const OPTIONS = "--noCheck --module nodenext --target es2022 --types node --skipLibCheck --rootDir".split(" ");

export interface Compiled {
  readonly path: string;
  remove(): void;
}

/** Inside the repository, where the program finds its packages. */
export function compiled(source: string): Compiled {
  const cache = join(ROOT, ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "compiled-"));
  execFileSync("tsc", [...OPTIONS, ROOT, "--outDir", folder, source], { stdio: "inherit" });
  return {
    path: join(folder, relative(ROOT, source).replace(/\.ts$/, ".js")),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
