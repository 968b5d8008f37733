/** One thing that is wrong with an input. */
export interface InputProblem {
  /** `file:line`, `file` or a property path. */
  readonly where: string;
  /** What was given. */
  readonly given: string;
  /** What is allowed. */
  readonly allowed: string;
  /** What to change. */
  readonly fix: string;
}

/** More than this many problems are counted, not printed. */
const PRINTED_PROBLEMS = 10;

/** An input that can't be used, with everything that is wrong with it. */
export class InputError extends Error {
  override readonly name = "InputError";

  constructor(
    /** What was read, e.g. `Spot trace trace.csv`. */
    readonly subject: string,
    readonly problems: readonly InputProblem[],
  ) {
    super(describeProblems(subject, problems));
  }
}

/** Collects problems, so that a user sees all of them at once. */
export class ProblemList {
  private readonly found: InputProblem[] = [];

  constructor(private readonly subject: string) {}

  add(problem: InputProblem): void {
    this.found.push(problem);
  }

  get isEmpty(): boolean {
    return this.found.length === 0;
  }

  /** @throws InputError if any problem was added */
  throwIfAny(): void {
    if (!this.isEmpty) throw new InputError(this.subject, this.found);
  }

  /** For a problem that leaves nothing to read on with. @throws InputError with this problem and all before it */
  fail(problem: InputProblem): never {
    this.add(problem);
    throw new InputError(this.subject, this.found);
  }
}

function describeProblems(subject: string, problems: readonly InputProblem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems
    .slice(0, PRINTED_PROBLEMS)
    .map(({ where, given, allowed, fix }) => `  ${where}: ${given}; allowed: ${allowed}; ${fix}`);
  const more = problems.length - PRINTED_PROBLEMS;
  return [`${subject}: ${count}`, ...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join("\n");
}
