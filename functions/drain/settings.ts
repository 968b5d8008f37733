/** How one cluster's drain function is set, from its environment variables. */
export interface DrainSettings {
  readonly clusterArn: string;
  readonly autoScalingGroupName: string;
  /** The events queue, to which the function also sends its own delayed checks. */
  readonly queueUrl: string;
  /** Who replaces an interrupted instance: the group at once because it was detached, or its capacity rebalancing. */
  readonly replacement: "capacityRebalancing" | "detach";
  /** The longest stop timeout of a container in the cluster. */
  readonly stopTimeoutSeconds: number;
  /** Seconds between two looks at an instance that is going; at most a target group's health check interval. */
  readonly checkIntervalSeconds: number;
}

/** Reads the settings; throws one error that names every missing or malformed variable. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): DrainSettings {
  const problems: string[] = [];
  const text = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === "") problems.push(`${name} is not set`);
    return value ?? "";
  };
  const seconds = (name: string): number => {
    const value = Number(text(name));
    if (!Number.isInteger(value) || value < 1)
      problems.push(`${name} is ${environment[name]}: a whole number of seconds, at least 1`);
    return value;
  };
  const replacement = text("REPLACEMENT");
  if (replacement !== "capacityRebalancing" && replacement !== "detach") {
    problems.push(`REPLACEMENT is ${replacement}: capacityRebalancing or detach`);
  }
  const settings: DrainSettings = {
    clusterArn: text("CLUSTER_ARN"),
    autoScalingGroupName: text("AUTO_SCALING_GROUP_NAME"),
    queueUrl: text("QUEUE_URL"),
    replacement: replacement === "detach" ? "detach" : "capacityRebalancing",
    stopTimeoutSeconds: seconds("STOP_TIMEOUT_SECONDS"),
    checkIntervalSeconds: seconds("CHECK_INTERVAL_SECONDS"),
  };
  if (problems.length > 0)
    throw new Error(`Drain function's environment: ${problems.join("; ")}. Deploy the cluster again.`);
  return settings;
}
