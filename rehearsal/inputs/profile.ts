import { type Document, isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { readText } from "./csv";
import { InputError, type InputProblem, ProblemList } from "./inputError";
import { JOBS_FIELDS, type JobsProfile, jobsProfileSchema } from "./jobsProfile";

/** Durations are exponential around `seconds`, or log-uniform: as many from one minute to two as from two to four. */
const longRequestsSchema = z
  .strictObject({
    /** Of all requests. */
    share: z.number().min(0).max(1),
    /** Mean duration. */
    seconds: z.number().positive().optional(),
    /** Bounds of the duration. */
    minSeconds: z.number().positive().optional(),
    maxSeconds: z.number().positive().optional(),
    /** CPU units that each open one takes from its task; left out: none. */
    cpuUnits: z.number().nonnegative().optional(),
  })
  .check(({ value, issues }) => {
    const problem = durationProblem(value);
    if (problem !== undefined) issues.push({ code: "custom", input: value, ...problem });
  });

interface Durations {
  readonly seconds?: number;
  readonly minSeconds?: number;
  readonly maxSeconds?: number;
}

/** Either a mean or two bounds, the lower one first. */
function durationProblem({
  seconds,
  minSeconds,
  maxSeconds,
}: Durations): { path: string[]; message: string } | undefined {
  const isBounded = minSeconds !== undefined || maxSeconds !== undefined;
  if (!isBounded) return seconds === undefined ? { path: ["seconds"], message: "no duration" } : undefined;
  if (seconds !== undefined) return { path: ["seconds"], message: "a mean beside bounds" };
  if (minSeconds === undefined) return { path: ["minSeconds"], message: "one bound alone" };
  if (maxSeconds === undefined) return { path: ["maxSeconds"], message: "one bound alone" };
  return minSeconds > maxSeconds ? { path: ["maxSeconds"], message: "below minSeconds" } : undefined;
}

const clientRetriesSchema = z.strictObject({
  /** How often a request is sent again at most. */
  attempts: z.int().positive(),
  /** Before each. */
  backoffSeconds: z.number().nonnegative(),
  /** `connect`: where no container had begun to work on it; `5xx`: wherever the answer is one, which is everything. */
  of: z.array(z.enum(["connect", "5xx"])).min(1),
});

/**
 * How the user's container behaves: what no template declares, and what decides whether an
 * interruption is seen by a client. Read from `rehearsal.yaml`; every field may be left out.
 */
export const profileSchema = z.strictObject({
  /** From the start of the task (image pulled and container started) to the process listening. */
  startSeconds: z.number().nonnegative().default(8),
  /** From listening to answering the health check well. */
  healthySeconds: z.number().nonnegative().default(0),
  /** Mean duration of a request. */
  requestSeconds: z.number().positive().default(0.2),
  /** CPU time of one vCPU that a request takes. */
  cpuSecondsPerRequest: z.number().nonnegative().default(0.02),
  /** Requests that a task works on at the same time. */
  concurrency: z.int().positive().default(100),
  /** Requests that take long; left out: none. */
  longRequests: longRequestsSchema.optional(),
  /** On SIGTERM: finish what is in flight, then exit; exit at once; or take no notice until SIGKILL. */
  onSigterm: z.enum(["finish", "exit", "ignore"]).default("finish"),
  /** Whether it asks for task scale-in protection while it works. */
  protectsWork: z.boolean().default(false),
  /** How much of its reserved memory a task uses, whatever it works on. */
  memoryPercent: z.number().nonnegative().default(40),
  /** How long the server keeps an idle connection; left out: longer than the balancer does. */
  keepAliveSeconds: z.number().positive().optional(),
  /** What the clients do where a request fails; left out: they give up. */
  clientRetries: clientRetriesSchema.optional(),
  /** What consumers of queues do. */
  jobs: jobsProfileSchema.prefault({}),
});

export type LongRequests = z.infer<typeof longRequestsSchema>;
export type ClientRetries = z.infer<typeof clientRetriesSchema>;
export type ContainerProfile = z.infer<typeof profileSchema>;

/** Some of a profile's fields, over those of another. */
export type ProfileChanges = Partial<Omit<ContainerProfile, "jobs">> & { readonly jobs?: Partial<JobsProfile> };

const withoutDefault = (field: z.ZodType): z.ZodType =>
  (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field).optional();

const changesOf = (shape: Readonly<Record<string, z.ZodType>>) =>
  z.strictObject(Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, withoutDefault(field)])));

export const profileChangesSchema = changesOf({
  ...profileSchema.shape,
  jobs: changesOf(jobsProfileSchema.shape),
}) as z.ZodType<ProfileChanges>;

export const changedProfile = (profile: ContainerProfile, changes: ProfileChanges = {}): ContainerProfile => ({
  ...profile,
  ...changes,
  jobs: { ...profile.jobs, ...changes.jobs },
});

export const DEFAULT_PROFILE: ContainerProfile = profileSchema.parse({});

/** What each field may be, and an example, for messages. */
const FIELDS: Readonly<Record<string, { readonly allowed: string; readonly example: string }>> = {
  startSeconds: { allowed: "a number of 0 or more", example: "startSeconds: 8" },
  healthySeconds: { allowed: "a number of 0 or more", example: "healthySeconds: 0" },
  requestSeconds: { allowed: "a number greater than 0", example: "requestSeconds: 0.2" },
  cpuSecondsPerRequest: { allowed: "a number of 0 or more", example: "cpuSecondsPerRequest: 0.02" },
  concurrency: { allowed: "a whole number of 1 or more", example: "concurrency: 100" },
  longRequests: {
    allowed: "share, seconds or minSeconds and maxSeconds, cpuUnits",
    example: "longRequests: {share: 0.01, seconds: 30}",
  },
  "longRequests.share": { allowed: "a number from 0 to 1", example: "share: 0.01" },
  "longRequests.seconds": {
    allowed: "a number greater than 0, or minSeconds and maxSeconds in its place",
    example: "seconds: 30",
  },
  "longRequests.minSeconds": { allowed: "a number greater than 0", example: "minSeconds: 30" },
  "longRequests.maxSeconds": { allowed: "a number of minSeconds or more", example: "maxSeconds: 600" },
  "longRequests.cpuUnits": { allowed: "a number of 0 or more", example: "cpuUnits: 128" },
  onSigterm: { allowed: "finish, exit or ignore", example: "onSigterm: finish" },
  protectsWork: { allowed: "true or false", example: "protectsWork: false" },
  memoryPercent: { allowed: "a number of 0 or more", example: "memoryPercent: 40" },
  keepAliveSeconds: { allowed: "a number greater than 0", example: "keepAliveSeconds: 65" },
  clientRetries: {
    allowed: "attempts, backoffSeconds and of",
    example: "clientRetries: {attempts: 2, backoffSeconds: 0.1, of: [5xx]}",
  },
  "clientRetries.attempts": { allowed: "a whole number of 1 or more", example: "attempts: 2" },
  "clientRetries.backoffSeconds": { allowed: "a number of 0 or more", example: "backoffSeconds: 0.1" },
  "clientRetries.of": { allowed: "a list of connect and 5xx", example: "of: [5xx]" },
  ...JOBS_FIELDS,
};

const TOP_LEVEL_FIELDS = Object.keys(profileSchema.shape).join(", ");

/**
 * Reads a profile; an empty file is {@link DEFAULT_PROFILE}.
 *
 * @throws InputError with every wrong field: its line, the value given, what is allowed, what to change
 */
export function readProfile(path: string): ContainerProfile {
  const problems = new ProblemList(`Profile ${path}`);
  const lines = new LineCounter();
  const document = parseDocument(readText(path, problems), { lineCounter: lines });
  for (const { message, pos } of document.errors) {
    problems.add({
      where: `${path}:${lines.linePos(pos[0]).line}`,
      given: message.split("\n")[0]!.replace(/ at line \d+, column \d+:$/, ""),
      allowed: "YAML",
      fix: "correct this line",
    });
  }
  problems.throwIfAny();
  const given: unknown = document.toJS() ?? {};
  const result = profileSchema.safeParse(given);
  if (result.success) return result.data;
  const found = result.error.issues
    .flatMap((issue) => problemsOf(issue, given))
    .map((problem) => ({ ...problem, line: lineOfKey(document, lines, problem.keys) }))
    .sort((a, b) => a.line - b.line);
  throw new InputError(
    `Profile ${path}`,
    found.map(({ line, given, allowed, fix }) => ({ where: `${path}:${line}`, given, allowed, fix })),
  );
}

/** A problem with the field that it is about, by keys from the top. */
type FieldProblem = Omit<InputProblem, "where"> & { readonly keys: readonly PropertyKey[] };

function problemsOf(issue: z.core.$ZodIssue, given: unknown): FieldProblem[] {
  // What is wrong with one of a list's items is told of the list.
  const name = issue.path.filter((key) => typeof key === "string").join(".");
  if (issue.code === "unrecognized_keys") {
    const allowed = issue.path.length === 0 ? TOP_LEVEL_FIELDS : FIELDS[name]!.allowed;
    return issue.keys.map((key) => {
      const keys = [...issue.path, key];
      return { keys, given: `unknown field ${keys.join(".")}`, allowed, fix: "correct its name or remove it" };
    });
  }
  const { allowed, example } = FIELDS[name] ?? { allowed: `a map of ${TOP_LEVEL_FIELDS}`, example: "startSeconds: 8" };
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], given);
  return [
    {
      keys: issue.path,
      given: value === undefined ? `${name} is missing` : `${name || "the file"} is ${JSON.stringify(value)}`,
      allowed,
      fix: `write e.g. ${example}`,
    },
  ];
}

/** The line of a field, or of the nearest field around it that is there. */
function lineOfKey(document: Document, lines: LineCounter, keys: readonly PropertyKey[]): number {
  let line = 1;
  let node: unknown = document.contents;
  for (const key of keys) {
    const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
    if (pair === undefined) break;
    if (isScalar(pair.key) && pair.key.range) line = lines.linePos(pair.key.range[0]).line;
    node = pair.value;
  }
  return line;
}
