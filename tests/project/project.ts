/** The project as its own tests see it: its files and the commands that read them. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(__dirname, "../..");

export const readText = (path: string): string => readFileSync(join(ROOT, path), "utf8");

export interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export const readPackage = (): Package => JSON.parse(readText("package.json")) as Package;

export interface LockedPackage extends Partial<Package> {
  readonly resolved?: string;
  /** A folder of the project itself. */
  readonly link?: boolean;
}

export function readLock(): Readonly<Record<string, LockedPackage>> {
  const lock = JSON.parse(readText("package-lock.json")) as { packages: Record<string, LockedPackage> };
  return Object.fromEntries(Object.entries(lock.packages).filter(([, { link }]) => !link));
}

/** Files that git has or would take with `git add .`. */
export function projectFiles(): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const listed = execFileSync("git", args, { cwd: ROOT, encoding: "utf8" });
  return listed.split("\0").filter((path) => path !== "" && existsSync(join(ROOT, path)));
}
