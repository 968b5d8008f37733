/**
 * A virtual environment with what `requirements.txt` names, made once and kept outside the clone, under the user's cache
 * folder, by the hash of what is in it.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

type Variables = Readonly<Record<string, string | undefined>>;

/** What moto asks for. */
const OLDEST_PYTHON = [3, 10] as const;
const REQUIREMENTS = join(__dirname, "requirements.txt");
/** Fails where Debian and its kin have split off the module that puts pip into a virtual environment. */
const PROBE = "import ensurepip, sys, venv; print(*sys.version_info[:3])";

/** Python is missing, which whoever runs this has to put right; a test run counts it as skipped. */
export class PythonMissing extends Error {}

export interface PythonEnvironment {
  readonly python: string;
  /** One folder per service, with AWS's models of its API by version. */
  readonly models: string;
}

interface Python {
  readonly command: string;
  readonly version: readonly number[];
}

/** The environment, if it was made; throws where it wasn't. */
export function pythonEnvironment(variables: Variables = process.env): PythonEnvironment {
  const folder = folderFor(findPython(variables), variables);
  if (!existsSync(folder)) throw new Error(`no ${folder}: make it with npm run test:wire`);
  const [version = ""] = readdirSync(join(folder, "lib"));
  return { python: pythonIn(folder), models: join(folder, "lib", version, "site-packages", "botocore", "data") };
}

/** Makes the environment where there is none yet; one that is half made is never taken for a whole one. */
export function makePythonEnvironment(variables: Variables, say: (line: string) => void): void {
  const python = findPython(variables);
  const folder = folderFor(python, variables);
  if (existsSync(folder)) return;
  say(`making the wire tests' Python environment, once: ${folder}`);
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  try {
    run(python.command, ["-m", "venv", unfinished], variables);
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS];
    run(pythonIn(unfinished), install, variables);
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Never by the scripts in `bin`, which name the folder that they were installed in. */
const pythonIn = (folder: string): string => join(folder, "bin", "python");

function folderFor({ version }: Python, { XDG_CACHE_HOME }: Variables): string {
  const cache = XDG_CACHE_HOME === undefined || XDG_CACHE_HOME === "" ? join(homedir(), ".cache") : XDG_CACHE_HOME;
  const hash = createHash("sha256").update(readFileSync(REQUIREMENTS)).update(version.join(".")).digest("hex");
  return join(cache, "spotproof", `wire-${hash.slice(0, 16)}`);
}

function findPython(variables: Variables): Python {
  const found: string[] = [];
  for (const command of ["python3", "python"]) {
    const { status, stdout, stderr, error } = spawnSync(command, ["-c", PROBE], { encoding: "utf8", env: variables });
    const version = (stdout ?? "").trim().split(" ").map(Number);
    if (status === 0 && isRecentEnough(version)) return { command, version };
    const problem = error?.message ?? stderr.trim().split("\n").at(-1);
    found.push(`${command}: ${status === 0 ? `version ${version.join(".")}` : problem}`);
  }
  throw new PythonMissing(
    `The wire tests need Python ${OLDEST_PYTHON.join(".")} or later with its venv module. On the path: ` +
      `${found.join("; ")}. Install it (python3 and, on Debian and Ubuntu, python3-venv) and run them again.`,
  );
}

function isRecentEnough([major = 0, minor = 0]: readonly number[]): boolean {
  return major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]);
}

function run(command: string, args: readonly string[], env: Variables): void {
  const { status, error } = spawnSync(command, args, { env, stdio: ["ignore", "inherit", "inherit"] });
  if (status === 0) return;
  throw new Error(
    `${command} ${args.join(" ")} failed (${error?.message ?? `exit code ${status}`}); what it said is above`,
  );
}
