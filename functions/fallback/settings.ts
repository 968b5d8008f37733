import { environmentReader } from "../environment";

/** How one cluster's fallback function is set, from its environment variables. */
export interface FallbackSettings {
  readonly clusterArn: string;
  readonly autoScalingGroupName: string;
  /** The group's OnDemandBaseCapacity as the program declares it. */
  readonly declaredBase: number;
  /** Most On-Demand Instances that stand in; 0: none, and what stands in is taken back. */
  readonly maxInstances: number;
  /** For so long more of them may come. */
  readonly maxHours: number;
}

/** Reads the settings; throws one error that names every missing or malformed variable. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): FallbackSettings {
  const read = environmentReader(environment);
  const settings: FallbackSettings = {
    clusterArn: read.text("CLUSTER_ARN"),
    autoScalingGroupName: read.text("AUTO_SCALING_GROUP_NAME"),
    declaredBase: read.count("DECLARED_BASE_CAPACITY", { least: 0, of: "instances" }),
    maxInstances: read.count("MAX_INSTANCES", { least: 0, of: "instances" }),
    maxHours: read.count("MAX_HOURS", { of: "hours" }),
  };
  read.finish("Fallback function", "Deploy the cluster again.");
  return settings;
}
