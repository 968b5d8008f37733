import { type Document, isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { readText } from "./csv";
import { InputError, type InputProblem, ProblemList } from "./inputError";

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
  /** The share of requests that take long, and their mean duration; left out: none. */
  longRequests: z.strictObject({ share: z.number().min(0).max(1), seconds: z.number().positive() }).optional(),
  /** On SIGTERM: finish what is in flight, then exit; exit at once; or take no notice until SIGKILL. */
  onSigterm: z.enum(["finish", "exit", "ignore"]).default("finish"),
  /** Whether it asks for task scale-in protection while it works. */
  protectsWork: z.boolean().default(false),
});

export type ContainerProfile = z.infer<typeof profileSchema>;

export const DEFAULT_PROFILE: ContainerProfile = profileSchema.parse({});

/** What each field may be, and an example, for messages. */
const FIELDS: Readonly<Record<string, { readonly allowed: string; readonly example: string }>> = {
  startSeconds: { allowed: "a number of 0 or more", example: "startSeconds: 8" },
  healthySeconds: { allowed: "a number of 0 or more", example: "healthySeconds: 0" },
  requestSeconds: { allowed: "a number greater than 0", example: "requestSeconds: 0.2" },
  cpuSecondsPerRequest: { allowed: "a number of 0 or more", example: "cpuSecondsPerRequest: 0.02" },
  concurrency: { allowed: "a whole number of 1 or more", example: "concurrency: 100" },
  longRequests: { allowed: "share and seconds", example: "longRequests: {share: 0.01, seconds: 30}" },
  "longRequests.share": { allowed: "a number from 0 to 1", example: "share: 0.01" },
  "longRequests.seconds": { allowed: "a number greater than 0", example: "seconds: 30" },
  onSigterm: { allowed: "finish, exit or ignore", example: "onSigterm: finish" },
  protectsWork: { allowed: "true or false", example: "protectsWork: false" },
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
  const name = issue.path.join(".");
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
