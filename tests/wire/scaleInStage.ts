/** A scale-in function beside its service on the wire: few requests, and nothing that asks for more tasks. */
import type { BalancedServiceArgs } from "../../components/balancedServiceArgs";
import type { LoadMetric } from "../../functions/scaleIn/settings";
import { recordService } from "../support/fixtures";
import type { Recording } from "../support/recorder";
import { wire } from "./harness/hooks";
import { deployedFunction } from "./harness/lambda";
import { Scene } from "./harness/scene";
import {
  retireBy,
  SERVICE,
  serve,
  serveAnother,
  setDesiredCount,
  TARGET,
  type ServedStage,
  type ServedTask,
} from "./servedTasks";
import { recorded, startFunction } from "./stage";

const QUEUE = "api-scale-in-events";
const MINUTE_MS = 60_000;
const REQUESTS_PER_MINUTE = 60;

export interface ScaleInStageOptions {
  readonly tasks: number;
  readonly minCount: number;
  readonly workPatienceSeconds: number;
}

export interface ScaleInStage extends ServedStage {
  readonly lowAlarm: string;
  readonly outAlarm: string;
}

/** So many tasks, on three instances by turns; two may go at once. */
export async function scaleInStage(options: Partial<ScaleInStageOptions> = {}): Promise<ScaleInStage> {
  const { tasks: count = 5, minCount = 1, workPatienceSeconds = 0 } = options;
  const { clients } = wire();
  const scene = await Scene.set(clients, { instances: 3, queue: QUEUE });
  const targetGroupArn = await scene.createService(SERVICE);
  await serveAnother(scene);
  const recording = await recorded({ minCount, workPatienceSeconds }, recordScaledService);
  const actual = actualNames(recording, { targetGroupArn, queueUrl: scene.queueUrl });
  const deployed = await deployedFunction(recording, "api-scale-in", actual);
  const { LOW_ALARM_NAME: lowAlarm = "", SCALE_OUT_ALARM_NAMES = "", LOAD_METRICS = "" } = deployed.environment;
  const [outAlarm = ""] = JSON.parse(SCALE_OUT_ALARM_NAMES) as string[];
  await setAlarm(lowAlarm, "ALARM");
  await setAlarm(outAlarm, "OK");
  const [metric] = JSON.parse(LOAD_METRICS) as LoadMetric[];
  await putRequests(metric!);
  const instanceOf = (n: number): string => scene.instanceIds[n % scene.instanceIds.length]!;
  const served = Array.from({ length: count }, (_, n) =>
    serve(scene, targetGroupArn, { n, instanceId: instanceOf(n) }),
  );
  const tasks = await Promise.all(served);
  await setDesiredCount(count);
  await clients.applicationAutoScaling.registerScalableTarget({
    ...TARGET,
    MinCapacity: minCount,
    MaxCapacity: 20,
  });
  const stage = await startFunction(scene, deployed);
  return { ...stage, targetGroupArn, tasks, lowAlarm, outAlarm };
}

function recordScaledService({
  minCount,
  workPatienceSeconds,
}: Omit<ScaleInStageOptions, "tasks">): Promise<Recording> {
  const scaling: BalancedServiceArgs["scaling"] = {
    minCount,
    maxCount: 20,
    scaleOut: [{ metric: "cpu", atLeast: 70, add: 1 }],
    scaleIn: { tiers: [{ below: 100, remove: 2 }], mostSharePercent: 50, workPatienceSeconds },
  };
  return recordService({ scaling, protectsWork: true }, { cluster: { checkIntervalSeconds: 1 } });
}

function actualNames(
  recording: Recording,
  { targetGroupArn, queueUrl }: { readonly targetGroupArn: string; readonly queueUrl: string },
): Record<string, string> {
  const targetGroup = recording.only("aws:lb/targetGroup:TargetGroup").outputs;
  const queue = recording.only("aws:sqs/queue:Queue", QUEUE).outputs;
  return { [String(targetGroup.arn)]: targetGroupArn, [String(queue.url)]: queueUrl };
}

/** What CloudWatch does when its evaluation says so. */
export async function setAlarm(AlarmName: string, StateValue: "OK" | "ALARM"): Promise<void> {
  const { cloudWatch } = wire().clients;
  await cloudWatch.putMetricAlarm({
    AlarmName,
    Namespace: "AWS/ApplicationELB",
    MetricName: "RequestCount",
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 3,
    Threshold: 100,
    ComparisonOperator: "LessThanThreshold",
  });
  await cloudWatch.setAlarmState({ AlarmName, StateValue, StateReason: "Threshold Crossed" });
}

/** What the balancer has counted up to now, in whichever minute that is read. */
async function putRequests({ namespace, metricName, dimensions }: LoadMetric): Promise<void> {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const MetricData = [-4, -3, -2, -1, 0].map((offset) => ({
    MetricName: metricName,
    Dimensions,
    Timestamp: new Date(minute + offset * MINUTE_MS),
    Value: REQUESTS_PER_MINUTE,
  }));
  await wire().clients.cloudWatch.putMetricData({ Namespace: namespace, MetricData });
}

/** As the scale-in function did some time ago; by now they have settled. */
export const retire = (stage: ScaleInStage, ...tasks: readonly ServedTask[]): Promise<void> =>
  retireBy("scaleIn", stage, tasks);
