/** A stack's configuration as the engine would give it: the project's defaults under the stack's values. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { InputError } from "../inputs/inputError";

export interface StackConfig {
  readonly project: string;
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

interface ProjectFile {
  readonly name?: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Stands for a secret, which a rehearsal neither has nor needs. */
const SECRET = "[secret]";

/** Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` beside the program. @throws InputError where there is no such stack */
export function readStackConfig(folder: string, stack: string): StackConfig {
  const projectPath = path.join(folder, "Pulumi.yaml");
  const project: ProjectFile = existsSync(projectPath) ? readYaml(projectPath) : {};
  const name = project.name ?? path.basename(folder);
  const config = defaultsOf(project, name);
  const secretKeys: string[] = [];
  for (const [key, value] of Object.entries(readStack(folder, stack))) {
    const isSecret = typeof value === "object" && value !== null && "secure" in value;
    if (isSecret) secretKeys.push(key);
    config[key] = isSecret ? SECRET : asText(value);
  }
  return { project: name, config, secretKeys };
}

/** The stack's configuration under `over`, whose keys may leave out the project's name. */
export function configUnder(
  { project, config }: StackConfig,
  over: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const named = Object.entries(over).map(([key, value]) => [qualified(key, project), asText(value)]);
  return { ...config, ...(Object.fromEntries(named) as Record<string, string>) };
}

const qualified = (key: string, project: string): string => (key.includes(":") ? key : `${project}:${key}`);

const readYaml = (file: string): ProjectFile => (parse(readFileSync(file, "utf8")) ?? {}) as ProjectFile;

function readStack(folder: string, stack: string): NonNullable<ProjectFile["config"]> {
  const file = path.join(folder, `Pulumi.${stack}.yaml`);
  if (existsSync(file)) return readYaml(file).config ?? {};
  const stacks = readdirSync(folder).flatMap((each) => /^Pulumi\.([\w-]+)\.yaml$/.exec(each)?.[1] ?? []);
  throw new InputError("Stack", [
    {
      where: "--stack",
      given: stack,
      allowed: stacks.join(", ") || "no stack: there is no Pulumi.<stack>.yaml",
      fix: `write ${file}, or name another stack`,
    },
  ]);
}

function defaultsOf(project: ProjectFile, name: string): Record<string, string> {
  const defaults: Record<string, string> = {};
  for (const [key, declared] of Object.entries(project.config ?? {})) {
    const value = defaultOf(declared);
    if (value !== undefined) defaults[qualified(key, name)] = asText(value);
  }
  return defaults;
}

function defaultOf(declared: unknown): unknown {
  if (typeof declared !== "object" || declared === null) return declared;
  const { default: byDefault, value } = declared as { readonly default?: unknown; readonly value?: unknown };
  return value ?? byDefault;
}

/** The engine hands every value over as text, structures as JSON. */
function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
