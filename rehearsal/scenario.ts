/** A scenario: everything that a rehearsal needs, in a small YAML file, with flags over it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { InputError, type InputProblem } from "./inputs/inputError";
import { profileSchema } from "./inputs/profile";
import { flagsSchema } from "./world/flags";

const variantSchema = z.union([
  z.string(),
  z.strictObject({
    name: z.string(),
    /** A Pulumi program, relative to the scenario file; the scenario's own by default. */
    program: z.string().optional(),
    /** Configuration over the stack's, without the project's name: `replacement: capacityRebalancing`. */
    config: z.record(z.string(), z.unknown()).optional(),
  }),
]);

export const scenarioSchema = z.strictObject({
  description: z.string().optional(),
  stack: z.string().default("prod"),
  program: z.string().default("index.ts"),
  /** Configuration over the stack's, for all variants. */
  config: z.record(z.string(), z.unknown()).default({}),
  variants: z.array(variantSchema).min(1).default(["spotproof", "unhandled", "awsNative"]),
  days: z.number().positive().default(7),
  seed: z.int().default(1),
  spotTrace: z.string().optional(),
  /** The generator's hazards times this; 52 is a year's interruptions in a week. */
  hazardScale: z.number().positive().default(1),
  load: z.string().optional(),
  loadScale: z.number().positive().default(1),
  /** Mean rate of the generated load, where no load is given. */
  requestsPerSecond: z.number().positive().default(50),
  prices: z.array(z.string()).default([]),
  profile: profileSchema.prefault({}),
  flags: flagsSchema.partial().default({}),
  faults: z.enum(["none", "ordinary", "badDay"]).default("ordinary"),
  exact: z.boolean().default(false),
});

export type Scenario = z.infer<typeof scenarioSchema>;

const BUNDLED = path.join(__dirname, "scenarios");

export function bundledScenarios(): string[] {
  return readdirSync(BUNDLED)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -".yaml".length));
}

/** A bundled scenario by name, or a file. @throws InputError with every problem of the file */
export function readScenario(nameOrFile: string): Scenario {
  const bundled = path.join(BUNDLED, `${nameOrFile}.yaml`);
  const file = existsSync(bundled) ? bundled : nameOrFile;
  if (!existsSync(file)) {
    throw new InputError("Scenario", [
      { where: "--scenario", given: nameOrFile, allowed: `${bundledScenarios().join(", ")}, or a YAML file`, fix: "name one of these, or check the path" },
    ]);
  }
  const given = readYaml(file);
  const folder = path.dirname(file);
  const here = (each: unknown): unknown => (typeof each === "string" && each.startsWith(".") ? path.join(folder, each) : each);
  const resolved = typeof given === "object" && given !== null ? Object.fromEntries(Object.entries(given).map(([key, value]) => [key, here(value)])) : given;
  return checkScenario(resolved ?? {}, file);
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new InputError("Scenario", [{ where: `${file}:${error.linePos?.[0].line ?? 1}`, given: error.message.split("\n")[0]!, allowed: "YAML", fix: "correct this line" }]);
  }
}

export function checkScenario(given: unknown, where: string): Scenario {
  const checked = scenarioSchema.safeParse(given);
  if (checked.success) return checked.data;
  throw new InputError("Scenario", checked.error.issues.map((issue) => problemOf(issue, given, where)));
}

function problemOf(issue: z.core.$ZodIssue, given: unknown, where: string): InputProblem {
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], given);
  return { where: [where, ...issue.path].join(" "), given: JSON.stringify(value) ?? "nothing", allowed: issue.message, fix: "see rehearsal/scenario.ts for what each key may be" };
}
