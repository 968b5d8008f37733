/** Reads Pulumi.yaml and the stacks' files, and gives a stack's configuration as the engine would. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export interface DeclaredKey {
  readonly type: "array" | "boolean" | "integer" | "string";
  readonly items?: { readonly type: string };
  readonly description: string;
  readonly default?: unknown;
}

export interface ProjectFile {
  readonly name: string;
  readonly runtime: unknown;
  readonly config: Readonly<Record<string, DeclaredKey>>;
}

export function readProjectFile(): ProjectFile {
  return readYaml("Pulumi.yaml") as ProjectFile;
}

/** A value of a YAML file as the engine hands it to a program. */
export function asEngineText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The stack's own values over the project's defaults. */
export function stackConfig(stack: string): Record<string, string> {
  const { name, config } = readProjectFile();
  const own = (readYaml(`Pulumi.${stack}.yaml`) as { config: Record<string, unknown> }).config;
  const defaults = Object.entries(config)
    .filter(([, declared]) => declared.default !== undefined)
    .map(([key, declared]): [string, unknown] => [`${name}:${key}`, declared.default]);
  const values = [...defaults, ...Object.entries(own)];
  return Object.fromEntries(values.map(([key, value]) => [key, asEngineText(value)]));
}

function readYaml(file: string): unknown {
  return parse(readFileSync(join(__dirname, "..", "..", file), "utf8"));
}
