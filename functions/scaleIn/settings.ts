import { environmentReader } from "../environment";
import type { RetireSettings } from "../retire/settings";

/** Below so much load, so many tasks are removed at once. */
export interface Tier {
  readonly below: number;
  readonly remove: number;
}

/** Of CloudWatch, one value a minute. */
export interface LoadMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly stat: string;
}

/** How one service's scale-in function is set, from its environment variables. */
export interface ScaleInSettings extends RetireSettings {
  /** In ALARM while there is little load. */
  readonly lowAlarmName: string;
  /** While one of them is in ALARM, the service scales out. */
  readonly scaleOutAlarmNames: readonly string[];
  /** Their sum is the load: requests per minute, or messages that wait or are worked on. */
  readonly loadMetrics: readonly LoadMetric[];
  /** The lowest tier that holds wins. */
  readonly tiers: readonly Tier[];
  /** Whether `below` is of all the load, or of that of each task. */
  readonly tiersPer: "service" | "target" | "task";
  /** The largest share of the tasks that may retire at once; it is at least one task. */
  readonly mostSharePercent: number;
  /** So many tasks are kept that none has more load; undefined where tiers and share alone say how many. */
  readonly mostPerTask: number | undefined;
}

/** Reads the settings; throws one error that names every missing or malformed variable. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): ScaleInSettings {
  const read = environmentReader(environment);
  const names = (name: string): string[] => read.json(name, "a JSON array of names", isTexts) ?? [];
  const settings: ScaleInSettings = {
    clusterArn: read.text("CLUSTER_ARN"),
    serviceName: read.text("SERVICE_NAME"),
    queueUrl: read.text("QUEUE_URL"),
    targetGroupArns: names("TARGET_GROUP_ARNS"),
    lowAlarmName: read.text("LOW_ALARM_NAME"),
    scaleOutAlarmNames: names("SCALE_OUT_ALARM_NAMES"),
    loadMetrics: read.json("LOAD_METRICS", METRICS_SHAPE, areMetrics) ?? [],
    tiers: read.json("TIERS", TIERS_SHAPE, isTiers) ?? [],
    tiersPer: read.choice("TIERS_PER", ["service", "target", "task"]),
    mostSharePercent: read.count("MOST_SHARE_PERCENT", { most: 100, of: "percent" }),
    mostPerTask:
      environment.MOST_PER_TASK === undefined ? undefined : read.count("MOST_PER_TASK", { of: "load per task" }),
    checkIntervalSeconds: read.count("CHECK_INTERVAL_SECONDS", { most: 900 }),
    healthCheckSeconds: read.count("HEALTH_CHECK_SECONDS"),
    settleSeconds: read.count("SETTLE_SECONDS"),
    workPatienceSeconds: read.count("WORK_PATIENCE_SECONDS", { least: 0 }),
  };
  read.finish("Scale-in function", "Deploy the service again.");
  return settings;
}

const METRICS_SHAPE = 'at least one of [{"namespace":"…","metricName":"…","dimensions":{"name":"value"},"stat":"…"}]';
const TIERS_SHAPE = '[{"below":100,"remove":2}], every number above 0 and what is removed whole';

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string" && each !== "");
}

function areMetrics(value: unknown): value is LoadMetric[] {
  return Array.isArray(value) && value.length > 0 && value.every(isMetric);
}

function isMetric(value: unknown): value is LoadMetric {
  if (typeof value !== "object" || value === null) return false;
  const { namespace, metricName, dimensions, stat } = value as Readonly<Record<string, unknown>>;
  if (typeof dimensions !== "object" || dimensions === null) return false;
  return isTexts([namespace, metricName, stat]) && isTexts(Object.values(dimensions));
}

function isTiers(value: unknown): value is Tier[] {
  return Array.isArray(value) && value.length > 0 && value.every(isTier);
}

function isTier(value: unknown): value is Tier {
  const { below, remove } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof below === "number" && below > 0 && Number.isInteger(remove) && Number(remove) > 0;
}
