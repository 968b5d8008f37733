/** Reads what the scale-in decides by, beside the service itself: alarms, bounds and load. */
import type { ApplicationAutoScaling } from "@aws-sdk/client-application-auto-scaling";
import type { CloudWatch, MetricDataQuery, MetricDataResult } from "@aws-sdk/client-cloudwatch";
import { batches, retrying, type Surroundings } from "../calls";
import { clusterNameOf } from "../log";
import type { RetireReading, RetireReadPorts } from "../retire/read";
import type { LoadMetric, ScaleInSettings } from "./settings";
import type { AlarmStates, Bounds } from "./state";

export interface ScaleInReadPorts extends RetireReadPorts {
  readonly cloudWatch: Pick<CloudWatch, "describeAlarms" | "getMetricData">;
  readonly applicationAutoScaling: Pick<ApplicationAutoScaling, "describeScalableTargets">;
}

export interface ScaleInReading extends RetireReading {
  readonly ports: ScaleInReadPorts & Surroundings;
  readonly settings: ScaleInSettings;
}

const DESCRIBE_ALARMS_LIMIT = 100;
const MINUTE_MS = 60_000;
/** The highest of so many minutes decides: one quiet minute is none, and CloudWatch may not have the last one yet. */
const MINUTES = 3;

export async function readAlarms({ ports, settings, deadline }: ScaleInReading): Promise<AlarmStates> {
  const names = [settings.lowAlarmName, ...settings.scaleOutAlarmNames];
  const answers = await Promise.all(
    batches(names, DESCRIBE_ALARMS_LIMIT).map((AlarmNames) => {
      const request = { AlarmNames, MaxRecords: DESCRIBE_ALARMS_LIMIT };
      return retrying((options) => ports.cloudWatch.describeAlarms(request, options), deadline, ports);
    }),
  );
  const alarms = answers.flatMap((answer) => answer.MetricAlarms ?? []);
  const states = new Map(alarms.map((alarm) => [alarm.AlarmName, alarm.StateValue]));
  return {
    low: states.get(settings.lowAlarmName),
    scaleOut: settings.scaleOutAlarmNames.map((name) => ({ name, state: states.get(name) })),
  };
}

/** Undefined where the service is not registered as a scalable target. */
export async function readBounds({ ports, settings, deadline }: ScaleInReading): Promise<Bounds | undefined> {
  const ResourceIds = [`service/${clusterNameOf(settings.clusterArn)}/${settings.serviceName}`];
  const request = { ServiceNamespace: "ecs", ResourceIds, ScalableDimension: "ecs:service:DesiredCount" } as const;
  const { ScalableTargets } = await retrying(
    (options) => ports.applicationAutoScaling.describeScalableTargets(request, options),
    deadline,
    ports,
  );
  const [target] = ScalableTargets ?? [];
  if (target?.MinCapacity === undefined) return undefined;
  return { minCount: target.MinCapacity, isSuspended: target.SuspendedState?.DynamicScalingInSuspended === true };
}

/**
 * The sum of each metric's highest value of the last full minutes: at least what the load was in any of them. A minute without
 * data had none: no request, or no message.
 */
export async function readLoad({ ports, settings, deadline }: ScaleInReading): Promise<number> {
  const end = Math.floor(ports.now() / MINUTE_MS) * MINUTE_MS;
  const request = {
    StartTime: new Date(end - MINUTES * MINUTE_MS),
    EndTime: new Date(end),
    MetricDataQueries: settings.loadMetrics.map(queryOf),
  };
  const answer = await retrying((options) => ports.cloudWatch.getMetricData(request, options), deadline, ports);
  const results = new Map(answer.MetricDataResults?.map((result) => [result.Id, result]));
  const highest = request.MetricDataQueries.map(({ Id }) => highestOf(results.get(Id)));
  return highest.reduce((sum, each) => sum + each, 0);
}

function queryOf(
  { namespace, metricName, dimensions, stat }: LoadMetric,
  index: number,
): MetricDataQuery & { Id: string } {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const Metric = { Namespace: namespace, MetricName: metricName, Dimensions };
  return { Id: `load${index}`, MetricStat: { Metric, Period: MINUTE_MS / 1000, Stat: stat } };
}

function highestOf(result: MetricDataResult | undefined): number {
  if (result === undefined || (result.StatusCode !== undefined && result.StatusCode !== "Complete")) {
    throw new Error(`load not read: ${result?.StatusCode ?? "no result"}`);
  }
  return Math.max(0, ...(result.Values ?? []));
}
