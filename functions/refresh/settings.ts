import { environmentReader } from "../environment";
import type { Window } from "./window";

/** How one cluster's refresh function is set, from its environment variables. */
export interface RefreshSettings {
  readonly clusterArn: string;
  /** The cluster's groups, all of which launch from one template. */
  readonly autoScalingGroupNames: readonly string[];
  readonly launchTemplateId: string;
  /** Whether it only tells of instances with an older AMI, or replaces them. */
  readonly refresh: "notify" | "auto";
  /** When a refresh may begin. */
  readonly window: Window;
  /** A refresh that takes longer is cancelled. */
  readonly mostMinutes: number;
  /** How large a group may be while its instances are replaced, in percent of its desired capacity. */
  readonly maxHealthyPercent: number;
  /** After so many percent of the instances it stops for a while; none: it doesn't. */
  readonly checkpointPercents: readonly number[];
  readonly checkpointDelaySeconds: number;
  /** From a new instance's start until it takes tasks. */
  readonly instanceWarmupSeconds: number;
  /** CloudWatch alarms, one of which in ALARM ends a refresh. */
  readonly alarmNames: readonly string[];
}

const NAMES = "a JSON array of names";
const PERCENTS = "a JSON array of whole numbers";
const WINDOW = '{"days":[0],"startMinute":120,"lengthMinutes":240,"timeZone":"UTC"}';
const NEVER: Window = { days: [], startMinute: 0, lengthMinutes: 1, timeZone: "UTC" };

/** Reads the settings; throws one error that names every missing or malformed variable. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): RefreshSettings {
  const read = environmentReader(environment);
  const settings: RefreshSettings = {
    clusterArn: read.text("CLUSTER_ARN"),
    autoScalingGroupNames: read.json("AUTO_SCALING_GROUP_NAMES", NAMES, isTexts) ?? [],
    launchTemplateId: read.text("LAUNCH_TEMPLATE_ID"),
    refresh: read.choice("REFRESH", ["notify", "auto"]),
    window: read.json("WINDOW", WINDOW, isWindow) ?? NEVER,
    mostMinutes: read.count("MOST_MINUTES", { of: "minutes" }),
    maxHealthyPercent: read.count("MAX_HEALTHY_PERCENT", { least: 101, most: 200, of: "percent" }),
    checkpointPercents: read.json("CHECKPOINT_PERCENTS", PERCENTS, isNumbers) ?? [],
    checkpointDelaySeconds: read.count("CHECKPOINT_DELAY_SECONDS", { least: 0 }),
    instanceWarmupSeconds: read.count("INSTANCE_WARMUP_SECONDS", { least: 0 }),
    alarmNames: read.json("ALARM_NAMES", NAMES, isTexts) ?? [],
  };
  read.finish("Refresh function", "Deploy the cluster again.");
  return settings;
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(Number.isInteger);

function isWindow(value: unknown): value is Window {
  const { days, startMinute, lengthMinutes, timeZone } = (value ?? {}) as Partial<Window>;
  return (
    isNumbers(days) && Number.isInteger(startMinute) && Number.isInteger(lengthMinutes) && typeof timeZone === "string"
  );
}
