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
  const stackPath = path.join(folder, `Pulumi.${stack}.yaml`);
  const project: ProjectFile = existsSync(projectPath) ? (parse(readFileSync(projectPath, "utf8")) as ProjectFile) : {};
  if (!existsSync(stackPath)) {
    const stacks = readdirSync(folder).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
    throw new InputError("Stack", [
      {
        where: "--stack",
        given: stack,
        allowed: stacks.join(", ") || "no stack: there is no Pulumi.<stack>.yaml",
        fix: `write ${stackPath}, or name another stack`,
      },
    ]);
  }
  const values = (parse(readFileSync(stackPath, "utf8")) as ProjectFile | null)?.config ?? {};
  const name = project.name ?? path.basename(folder);
  const config: Record<string, string> = {};
  const secretKeys: string[] = [];
  for (const [key, declared] of Object.entries(project.config ?? {})) {
    const value = defaultOf(declared);
    if (value !== undefined) config[key.includes(":") ? key : `${name}:${key}`] = asText(value);
  }
  for (const [key, value] of Object.entries(values)) {
    const isSecret = typeof value === "object" && value !== null && "secure" in value;
    if (isSecret) secretKeys.push(key);
    config[key] = isSecret ? SECRET : asText(value);
  }
  return { project: name, config, secretKeys };
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
