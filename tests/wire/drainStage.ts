/** A drain function beside a cluster on the wire. */
import { expect } from "chai";
import type { SpotClusterArgs } from "../../components/spotClusterArgs";
import type { LogRecord } from "../../functions/log";
import { recordCluster } from "../support/fixtures";
import type { Recording } from "../support/recorder";
import type { BatchAnswer } from "./harness/eventSource";
import { wire, type Wire } from "./harness/hooks";
import { deployedFunction, Lambda, type DeployedFunction, type Invocation } from "./harness/lambda";
import { Scene } from "./harness/scene";

export interface StageOptions {
  readonly cluster: Partial<SpotClusterArgs>;
  readonly instances: number;
}

export interface DrainStage extends Wire {
  readonly scene: Scene;
  readonly deployed: DeployedFunction;
  readonly lambda: Lambda;
}

const running: Lambda[] = [];

/** Sets the stage: the program's function, on state that was made through the API. */
export async function drainStage({ cluster = {}, instances = 3 }: Partial<StageOptions> = {}): Promise<DrainStage> {
  const { front, clients, models } = wire();
  const scene = await Scene.set(clients, { instances });
  // Long enough for its delayed messages to be told from others, short enough to wait for.
  const recording = await recordCluster({ checkIntervalSeconds: 1, ...cluster });
  const deployed = await deployedFunction(recording, "shop-drain", actualNames(recording, scene));
  const lambda = await Lambda.start(deployed, front.url);
  running.push(lambda);
  front.role = deployed.statements;
  return { front, clients, models, scene, deployed, lambda };
}

function actualNames(recording: Recording, { groupArn, queueUrl }: Scene): Record<string, string> {
  const group = recording.only("aws:autoscaling/group:Group").outputs;
  const queue = recording.only("aws:sqs/queue:Queue", "shop-events").outputs;
  return { [String(group.arn)]: groupArn, [String(queue.url)]: queueUrl };
}

/** Every test begins anew, and nothing that AWS wouldn't have understood was on its wire. */
export function onTheWire(): void {
  beforeEach(() => wire().front.reset());
  afterEach(async () => {
    for (const lambda of running.splice(0)) await lambda.stop();
    expect(wire().front.problems).to.be.empty;
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
