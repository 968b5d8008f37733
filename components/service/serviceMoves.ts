/** What a service says of how its tasks are moved, in a tag of its own: as its scale-in function takes tasks out, if it has one. */
import type * as pulumi from "@pulumi/pulumi";
import { movesTag } from "../../functions/rebalance/movesTag";
import { MOVES_TAG } from "../../functions/tags";
import type { ScaleInPace } from "../scaling/scaleInLoad";

export interface ServiceMoves {
  readonly rebalance: boolean;
  readonly pace: ScaleInPace;
  /** How long a task with work may take to finish it. */
  readonly workPatienceSeconds: number;
}

type Tags = Readonly<Record<string, pulumi.Input<string>>>;

export function withMovesTag(tags: Tags, { rebalance, pace, workPatienceSeconds }: ServiceMoves): Tags {
  const value = movesTag({
    isOn: rebalance,
    checkIntervalSeconds: pace.look,
    healthCheckSeconds: pace.healthCheck,
    settleSeconds: pace.settle,
    workPatienceSeconds,
  });
  return { ...tags, [MOVES_TAG]: value };
}
