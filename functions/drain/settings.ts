import { environmentReader } from "../environment";

/** How one cluster's drain function is set, from its environment variables. */
export interface DrainSettings {
  readonly clusterArn: string;
  readonly autoScalingGroupName: string;
  /** The events queue, to which the function also sends its own delayed checks. */
  readonly queueUrl: string;
  /** Who replaces an interrupted instance: the group at once because it was detached, or its capacity rebalancing. */
  readonly replacement: "capacityRebalancing" | "detach";
  /** What a rebalance recommendation is: nothing, a hint, or as good as an interruption notice. */
  readonly recommendations: "ignore" | "hint" | "drain";
  /** How long a hint counts; nothing came of it after so many minutes. */
  readonly recommendationMinutes: number;
  /** The longest stop timeout of a container in the cluster. */
  readonly stopTimeoutSeconds: number;
  /** Seconds between two looks at an instance that is going; at most a target group's health check interval. */
  readonly checkIntervalSeconds: number;
}

/** Reads the settings; throws one error that names every missing or malformed variable. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): DrainSettings {
  const read = environmentReader(environment);
  const settings: DrainSettings = {
    replacement: read.choice("REPLACEMENT", ["capacityRebalancing", "detach"]),
    recommendations: read.choice("RECOMMENDATIONS", ["ignore", "hint", "drain"]),
    recommendationMinutes: read.count("RECOMMENDATION_MINUTES", { of: "minutes" }),
    clusterArn: read.text("CLUSTER_ARN"),
    autoScalingGroupName: read.text("AUTO_SCALING_GROUP_NAME"),
    queueUrl: read.text("QUEUE_URL"),
    stopTimeoutSeconds: read.count("STOP_TIMEOUT_SECONDS"),
    checkIntervalSeconds: read.count("CHECK_INTERVAL_SECONDS"),
  };
  read.finish("Drain function", "Deploy the cluster again.");
  return settings;
}
