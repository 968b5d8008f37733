import { environmentReader } from "../environment";

/** How one cluster's rebalance function is set, from its environment variables. */
export interface RebalanceSettings {
  readonly clusterArn: string;
  /** The Spot group, whose tags say what moves. */
  readonly autoScalingGroupName: string;
  /** The function's own queue, to which it sends its delayed looks. */
  readonly queueUrl: string;
  /** How much less full the emptiest instance may be than the fullest, in percent of the fullest. */
  readonly mostApartPercent: number;
  /** Between two rounds of moves, but for an instance that joins. */
  readonly intervalMinutes: number;
  /** Most tasks to move in one round. */
  readonly mostMoves: number;
  /** How full managed scaling keeps the group, in percent: below 100 it keeps empty instances as headroom. */
  readonly targetCapacityPercent: number;
}

/** Reads the settings; throws one error that names every missing or malformed variable. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): RebalanceSettings {
  const read = environmentReader(environment);
  const settings: RebalanceSettings = {
    clusterArn: read.text("CLUSTER_ARN"),
    autoScalingGroupName: read.text("AUTO_SCALING_GROUP_NAME"),
    queueUrl: read.text("QUEUE_URL"),
    mostApartPercent: read.count("MOST_APART_PERCENT", { most: 100, of: "percent" }),
    intervalMinutes: read.count("INTERVAL_MINUTES", { of: "minutes" }),
    mostMoves: read.count("MOST_MOVES", { of: "tasks" }),
    targetCapacityPercent: read.count("TARGET_CAPACITY_PERCENT", { most: 100, of: "percent" }),
  };
  read.finish("Rebalance function", "Deploy the cluster again.");
  return settings;
}
