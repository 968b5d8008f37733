/** A drain function beside a cluster on the wire. */
import type { SpotClusterArgs } from "../../components/spotClusterArgs";
import { recordCluster } from "../support/fixtures";
import type { Recording } from "../support/recorder";
import { wire } from "./harness/hooks";
import { deployedFunction } from "./harness/lambda";
import { Scene } from "./harness/scene";
import { recorded, startFunction, type Stage } from "./stage";

export interface StageOptions {
  readonly cluster: Partial<SpotClusterArgs>;
  readonly instances: number;
}

/** Sets the stage: the program's function, on state that was made through the API. */
export async function drainStage({ cluster = {}, instances = 3 }: Partial<StageOptions> = {}): Promise<Stage> {
  const scene = await Scene.set(wire().clients, { instances });
  // Long enough for its delayed messages to be told from others, short enough to wait for.
  const recording = await recorded({ checkIntervalSeconds: 1, ...cluster }, recordCluster);
  const deployed = await deployedFunction(recording, "shop-drain", actualNames(recording, scene));
  return startFunction(scene, deployed);
}

function actualNames(recording: Recording, { groupArn, queueUrl }: Scene): Record<string, string> {
  const group = recording.only("aws:autoscaling/group:Group").outputs;
  const queue = recording.only("aws:sqs/queue:Queue", "shop-events").outputs;
  return { [String(group.arn)]: groupArn, [String(queue.url)]: queueUrl };
}
