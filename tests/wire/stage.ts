/** A deployed function beside the state that it works on, and what its tests ask of it. */
import { expect } from "chai";
import type { LogRecord } from "../../functions/log";
import type { Statement } from "../../rehearsal/world/iam";
import type { Recording } from "../support/recorder";
import type { BatchAnswer } from "./harness/eventSource";
import { internalFailure, unavailable } from "./harness/faults";
import type { Call, FaultOfCall } from "./harness/front";
import { wire, type Wire } from "./harness/hooks";
import { Lambda, type DeployedFunction, type Invocation } from "./harness/lambda";
import type { Scene } from "./harness/scene";

export interface Stage extends Wire {
  readonly scene: Scene;
  readonly deployed: DeployedFunction;
  readonly lambda: Lambda;
}

const recordings = new Map<string, Promise<Recording>>();

/** What a program declares, once for all tests that take the same options. */
export function recorded<Options>(
  options: Options,
  record: (options: Options) => Promise<Recording>,
): Promise<Recording> {
  const key = `${record.name} ${JSON.stringify(options)}`;
  const known = recordings.get(key) ?? record(options);
  recordings.set(key, known);
  return known;
}

/** By the function's code and environment: as on Lambda, an execution environment serves one invocation after the other. */
const running = new Map<string, Lambda>();

export async function startFunction(scene: Scene, deployed: DeployedFunction): Promise<Stage> {
  const { front } = wire();
  const key = JSON.stringify([deployed.files, deployed.environment]);
  const known = running.get(key);
  const lambda = known?.isRunning === true ? known : await Lambda.start(deployed, front.url);
  running.set(key, lambda);
  front.role = deployed.statements;
  return { ...wire(), scene, deployed, lambda };
}

/** Every test begins anew, but for a warm function, and nothing that AWS wouldn't have understood was on its wire. */
export function onTheWire(): void {
  beforeEach(() => wire().front.reset());
  afterEach(() => expect(wire().front.problems).to.deep.equal([]));
  after(async () => {
    for (const lambda of running.values()) await lambda.stop();
    running.clear();
  });
}

/** The messages that the function lets come back; throws where it failed as a whole. */
export function failedIn({ value, error }: Invocation): string[] {
  if (error !== undefined) throw new Error(error);
  return (value as BatchAnswer).batchItemFailures.map((each) => each.itemIdentifier);
}

/** What it logged of its decisions: `drain`, `stop`, `failed`, `ignored` and so on. */
export function decisionsIn({ lines }: Invocation, decision: string): LogRecord[] {
  const records = lines.map((line) => JSON.parse(line) as LogRecord);
  return records.filter((record) => record.decision === decision);
}

/** A role without one of its actions. */
export function without(statements: readonly Statement[], action: string): Statement[] {
  return statements.map((each) => ({ ...each, Action: [each.Action].flat().filter((allowed) => allowed !== action) }));
}

/** A fault that the first so many calls of every action meet. */
export function atFirst(fault: FaultOfCall, times: number): (call: Call) => FaultOfCall | undefined {
  const met = new Map<string, number>();
  return ({ action }) => {
    const before = met.get(action) ?? 0;
    met.set(action, before + 1);
    return before < times ? fault : undefined;
  };
}

/** Faults that pass, by what becomes of the first so many calls. */
export const PASSING: Readonly<Record<string, readonly [fault: FaultOfCall, times: number]>> = {
  "are throttled": ["throttling", 2],
  "fail in AWS": [internalFailure, 2],
  "find AWS unavailable": [unavailable, 2],
  "are answered by a page of something on the way": [{ kind: "page", status: 502 }, 2],
  "find their connection reset": [{ kind: "reset" }, 2],
  "are carried out without an answer": [{ kind: "lost" }, 1],
  "get half an answer": [{ kind: "torn" }, 1],
};

/** One of each kind; what calls do of the others, the drain's tests show of the same code. */
export const SOME_PASSING = Object.entries(PASSING).filter(([what]) =>
  ["are throttled", "find their connection reset", "are carried out without an answer"].includes(what),
);
