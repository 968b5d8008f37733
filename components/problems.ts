/** Collects what is wrong with an input and throws it once, so that a user corrects everything in one go. */
import * as pulumi from "@pulumi/pulumi";

export interface Problem {
  /** Path of the property, e.g. `healthCheck.timeoutSeconds`. */
  readonly property: string;
  readonly given: unknown;
  /** The given value must not be printed. */
  readonly secret?: boolean;
  /** What is allowed, e.g. "a whole number from 1 to 110". */
  readonly allowed: string;
  /** What to do, e.g. "lower it by 5". */
  readonly change: string;
}

/** Thrown for wrong input. Pulumi prints a RunError without a stack trace. */
export class InputProblemsError extends pulumi.RunError {
  constructor(
    readonly subject: string,
    readonly problems: readonly Problem[],
  ) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`${subject}: ${count}\n${problems.map((problem) => `  - ${describe(problem)}`).join("\n")}`);
  }
}

/** Throws one error that lists every problem; returns where there is none. */
export function throwProblems(subject: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InputProblemsError(subject, problems);
}

/** A problem where the number isn't whole or lies outside the range; none where it isn't given. */
export function rangeProblems(property: string, given: number | undefined, min: number, max: number): Problem[] {
  if (given === undefined || (Number.isInteger(given) && given >= min && given <= max)) return [];
  const change = !Number.isInteger(given)
    ? "give a whole number"
    : given < min
      ? `raise it to ${min} or more`
      : `lower it to ${max} or less`;
  return [{ property, given, allowed: `a whole number from ${min} to ${max}`, change }];
}

/** A problem where the value isn't one of the choices; none where it isn't given. */
export function choiceProblems(property: string, given: string | undefined, choices: readonly string[]): Problem[] {
  if (given === undefined || choices.includes(given)) return [];
  return [{ property, given, allowed: choices.join(", "), change: didYouMean(given, choices) ?? "give one of these" }];
}

/** "did you mean …?" for a word that is close to one of the choices. */
export function didYouMean(word: string, choices: Iterable<string>): string | undefined {
  const farthest = Math.max(2, Math.floor(word.length / 3));
  const [closest] = [...choices]
    .map((choice) => ({ choice, distance: editDistance(word.toLowerCase(), choice.toLowerCase()) }))
    .filter(({ distance }) => distance <= farthest)
    .sort((a, b) => a.distance - b.distance);
  return closest && `did you mean ${closest.choice}?`;
}

const SECRET = "[secret]";

/** The problem without the values of secret properties, in what was given or in the words about it. */
export function redacted(
  { property, given, allowed, change }: Problem,
  secretProperties: readonly string[],
  secretValues: readonly string[],
): Problem {
  const named = property.split(/[^A-Za-z]+/);
  const secret = secretProperties.some((each) => named.includes(each));
  const clean = (text: string): string => secretValues.reduce((cleaned, value) => withoutWord(cleaned, value), text);
  const mentioned = clean(show(given)) !== show(given);
  return {
    property,
    given: secret || mentioned ? undefined : given,
    secret: secret || mentioned,
    allowed: clean(allowed),
    change: clean(change),
  };
}

/** Whole words only: a secret "5" leaves "1500" alone. */
function withoutWord(text: string, word: string): string {
  if (word === "") return text;
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replace(new RegExp(`(?<!\\w)${escaped}(?!\\w)`, "g"), SECRET);
}

function describe({ property, given, secret, allowed, change }: Problem): string {
  return `${property}: given ${secret ? SECRET : show(given)}; allowed: ${allowed}; change: ${change}`;
}

function show(given: unknown): string {
  if (given === undefined) return "nothing";
  if (pulumi.Output.isInstance(given)) return "[output]";
  return JSON.stringify(given);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(previous[column]! + 1, current[column - 1]! + 1, substituted));
    }
    previous = current;
  }
  return previous[b.length]!;
}
