/** A scenario: everything that a rehearsal needs, in a small YAML file, with flags over it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { InputError, type InputProblem } from "./inputs/inputError";
import { jobsSchema } from "./inputs/jobsSchema";
import { profileChangesSchema, profileSchema } from "./inputs/profile";
import { DEFAULT_FLAGS, flagsSchema } from "./world/flags";

/** When every service of the program is deployed again, and what goes wrong with its new tasks. */
const deploymentSchema = z.strictObject({
  atHours: z.number().nonnegative(),
  fails: z.enum(["start", "health"]).optional(),
});

/** Hours at which every instance is terminated at once, as by hand. */
const turnOffsSchema = z.array(z.number().nonnegative());

const variantSchema = z.union([
  z.string().min(1),
  z.strictObject({
    name: z.string().min(1),
    /** A Pulumi program; the scenario's own by default. */
    program: z.string().optional(),
    /** Configuration over the stack's, without the project's name: `replacement: capacityRebalancing`. */
    config: z.record(z.string(), z.unknown()).optional(),
    /** Fields over the scenario's profile. */
    profile: profileChangesSchema.optional(),
    /** In the place of the scenario's. */
    deployments: z.array(deploymentSchema).optional(),
    /** In the place of the scenario's. */
    turnOffs: turnOffsSchema.optional(),
  }),
]);

/** Paths that begin with a dot are relative to the scenario's file, others to the current folder. */
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
  /** What is sent to the workers' queues; nothing where it is left out. */
  jobs: jobsSchema.optional(),
  prices: z.array(z.string()).default([]),
  profile: profileSchema.prefault({}),
  deployments: z.array(deploymentSchema).default([]),
  turnOffs: turnOffsSchema.default([]),
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
      {
        where: "--scenario",
        given: nameOrFile,
        allowed: `${bundledScenarios().join(", ")}, or a YAML file`,
        fix: "name one of these, or check the path",
      },
    ]);
  }
  return atFile(checkScenario(readYaml(file) ?? {}, file), path.dirname(file));
}

function atFile(scenario: Scenario, folder: string): Scenario {
  const here = (each: string): string => (each.startsWith(".") ? path.join(folder, each) : each);
  const maybe = (each: string | undefined): string | undefined => (each === undefined ? undefined : here(each));
  return {
    ...scenario,
    program: here(scenario.program),
    spotTrace: maybe(scenario.spotTrace),
    load: maybe(scenario.load),
    jobs: scenario.jobs === undefined ? undefined : { ...scenario.jobs, file: maybe(scenario.jobs.file) },
    prices: scenario.prices.map(here),
    variants: scenario.variants.map((each) =>
      typeof each === "string" ? each : { ...each, program: maybe(each.program) },
    ),
  };
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new InputError("Scenario", [
      {
        where: `${file}:${error.linePos?.[0].line ?? 1}`,
        given: error.message.split("\n")[0]!,
        allowed: "YAML",
        fix: "correct this line",
      },
    ]);
  }
}

export function checkScenario(given: unknown, where: string): Scenario {
  const checked = scenarioSchema.safeParse(given);
  if (checked.success) return checked.data;
  throw new InputError(
    "Scenario",
    checked.error.issues.map((issue) => problemOf(issue, given, where)),
  );
}

const POSITIVE = "a number greater than 0";

/** What each key may be, for messages. */
const ALLOWED: Readonly<Record<string, string>> = {
  stack: "the name of a Pulumi.<name>.yaml beside the program",
  program: "a Pulumi program's file",
  config: "keys of Pulumi.yaml with their values",
  variants: "a list of names, or of {name, program, config, profile, deployments, turnOffs}",
  days: POSITIVE,
  seed: "a whole number",
  spotTrace: "a CSV file, or FILE#location",
  hazardScale: POSITIVE,
  load: "a CSV file, or FILE#column",
  loadScale: POSITIVE,
  requestsPerSecond: POSITIVE,
  jobs: `a map of ${Object.keys(jobsSchema.shape).join(", ")}`,
  prices: "a list of CSV files",
  profile: "startSeconds, requestSeconds and the like, as in a profile file",
  deployments: "a list of {atHours, fails}, where fails is start or health, or left out",
  turnOffs: "a list of hours",
  flags: Object.entries(DEFAULT_FLAGS)
    .map(([name, value]) => `${name} (${JSON.stringify(value)})`)
    .join(", "),
  faults: "none, ordinary or badDay",
  exact: "true or false",
};

function problemOf(issue: z.core.$ZodIssue, given: unknown, where: string): InputProblem {
  const [key] = issue.path;
  const value = issue.path.reduce<unknown>(
    (at, each) => (at as Record<PropertyKey, unknown> | undefined)?.[each],
    given,
  );
  const allowed =
    key === undefined ? Object.keys(scenarioSchema.shape).join(", ") : (ALLOWED[String(key)] ?? "nothing");
  const isUnknown = issue.code === "unrecognized_keys";
  return {
    where: [where, issue.path.join(".")].filter((each) => each !== "").join(": "),
    given: isUnknown ? issue.keys.join(", ") : (JSON.stringify(value) ?? "nothing"),
    allowed,
    fix: isUnknown ? "remove it, or correct its name" : "change the value",
  };
}
