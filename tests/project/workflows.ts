/** The GitHub workflows as their tests see them, and what can be wrong with one. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { workflowStacks } from "../../tools/docs/deployer/program";
import { projectFiles, readPackage, readText, ROOT } from "./project";
import { pulumiProblems } from "./pulumiCli";

export interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly "working-directory"?: string;
}

export interface StackEntry {
  readonly stack: string;
  readonly region: string;
}

export interface Job {
  readonly needs?: string;
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly "timeout-minutes"?: number;
  readonly strategy?: {
    readonly "fail-fast"?: boolean;
    readonly "max-parallel"?: number;
    readonly matrix: { readonly include: readonly StackEntry[] };
  };
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly concurrency?: { readonly group: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Action {
  readonly runs: { readonly steps: readonly Step[] };
}

const FOLDER = ".github/workflows/";

export function workflowPaths(): string[] {
  return projectFiles().filter((path) => path.startsWith(FOLDER));
}

export function readWorkflow(name: string): Workflow {
  return parse(readText(`${FOLDER}${name}.yaml`)) as Workflow;
}

/** The steps of every job of a workflow, or of a composite action. */
function stepsOf(text: string): readonly Step[] {
  const parsed = parse(text) as Partial<Workflow & Action>;
  return [...(parsed.runs?.steps ?? []), ...Object.values(parsed.jobs ?? {}).flatMap((job) => job.steps ?? [])];
}

/** What a workflow or an action names that isn't there, and what it must not do. */
export function workflowProblems(text: string): string[] {
  const steps = stepsOf(text);
  const runs = steps.flatMap(({ run, "working-directory": folder = "." }) =>
    run === undefined ? [] : [{ run, folder }],
  );
  return [
    ...usesProblems(text),
    ...runs.flatMap(({ run }) => [...scriptProblems(run), ...pulumiProblems(run), ...injectionProblems(run)]),
    ...runs.flatMap(({ run, folder }) => [folder, ...pathsIn(run)].filter((path) => !existsForEveryStack(path))),
    ...steps.flatMap(checkoutProblems),
    ...(/\bsecrets\s*[.[]/.test(text) ? ["a secret: OIDC needs none"] : []),
    ...(text.includes("pull_request_target") ? ["pull_request_target: a fork's code must get no credentials"] : []),
  ];
}

/** A commit with its version beside it, or a file of this project. */
function usesProblems(text: string): string[] {
  return [...text.matchAll(/uses: *(\S+)(.*)$/gm)].flatMap(([, action = "", comment = ""]) => {
    if (action.startsWith("./")) return [action, `${action}/action.yaml`].some(isFile) ? [] : [action];
    return /@[0-9a-f]{40}$/.test(action) && /^ # v\d+\.\d+\.\d+$/.test(comment) ? [] : [`${action}: not pinned`];
  });
}

const isFile = (path: string): boolean => projectFiles().includes(path.replace(/^\.\//, ""));

function scriptProblems(run: string): string[] {
  const { scripts } = readPackage();
  const named = [...run.matchAll(/\bnpm (?:run (?:-s )?([\w:-]+)|(test|start)\b)/g)].map(
    ([, script, short]) => script ?? short,
  );
  return named.filter((script) => script !== undefined && !(script in scripts)).map((script) => `npm run ${script}`);
}

/** An expression inside a script is code of whoever writes the value. */
const injectionProblems = (run: string): string[] => (run.includes("${{") ? [`an expression in a script: ${run}`] : []);

/** Words of a script that are paths of this project. */
function pathsIn(run: string): string[] {
  const words = run.replace(/["']/g, "").split(/\s+/);
  const afterFlag = words.flatMap((word, index) => (words[index - 1] === "--policy-pack" ? [word] : []));
  return [...words.filter((word) => /^\.?[\w$.-]+\/[\w$./-]+$/.test(word)), ...afterFlag];
}

function existsForEveryStack(path: string): boolean {
  const paths = path.includes("$STACK") ? workflowStacks().map((stack) => path.replace("$STACK", stack)) : [path];
  return paths.every((each) => existsSync(join(ROOT, each)));
}

function checkoutProblems(step: Step): string[] {
  if (!step.uses?.startsWith("actions/checkout@")) return [];
  return step.with?.["persist-credentials"] === false ? [] : ["actions/checkout leaves the token behind"];
}
