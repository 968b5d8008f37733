/** A scale-in function beside its service on the wire: few requests, and nothing that asks for more tasks. */
import type { BalancedServiceArgs } from "../../components/balancedServiceArgs";
import { MARK_TAG } from "../../functions/tags";
import type { LoadMetric } from "../../functions/scaleIn/settings";
import { recordService } from "../support/fixtures";
import type { Recording } from "../support/recorder";
import { wire } from "./harness/hooks";
import { deployedFunction } from "./harness/lambda";
import { Scene } from "./harness/scene";
import { recorded, startFunction, type Stage } from "./stage";

export const CLUSTER = "shop";
export const SERVICE = "api";
export const FIRST_PORT = 32768;

const QUEUE = "api-scale-in-events";
const MINUTE_MS = 60_000;
const REQUESTS_PER_MINUTE = 60;
/** More than a mark needs to settle, and less than it takes until it is forgotten. */
const SETTLED_MS = 30_000;
const TARGET = {
  ServiceNamespace: "ecs",
  ResourceId: `service/${CLUSTER}/${SERVICE}`,
  ScalableDimension: "ecs:service:DesiredCount",
} as const;

export interface ScaleInStageOptions {
  readonly tasks: number;
  readonly minCount: number;
  readonly workPatienceSeconds: number;
}

export interface ServedTask {
  readonly arn: string;
  readonly instanceId: string;
  readonly port: number;
  /** As `Scene.targetsOf` names it. */
  readonly target: string;
}

export interface ScaleInStage extends Stage {
  readonly targetGroupArn: string;
  readonly tasks: readonly ServedTask[];
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
  const tasks = await Promise.all(Array.from({ length: count }, (_, n) => serve(scene, targetGroupArn, n)));
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

/** Its tasks are none of the function's business. */
async function serveAnother(scene: Scene): Promise<void> {
  await scene.createService("mail", { balanced: false });
  await scene.placeMany("mail", scene.instanceIds[0]!, 1);
}

async function serve(scene: Scene, targetGroupArn: string, n: number): Promise<ServedTask> {
  const instanceId = scene.instanceIds[n % scene.instanceIds.length]!;
  const port = FIRST_PORT + n;
  const { arn } = await scene.place(SERVICE, instanceId, port, targetGroupArn);
  return { arn, instanceId, port, target: `${instanceId}:${port}` };
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

/** What an operator or Application Auto Scaling does. */
export async function setDesiredCount(desiredCount: number): Promise<void> {
  await wire().clients.ecs.updateService({ cluster: CLUSTER, service: SERVICE, desiredCount });
}

export async function desiredCount(): Promise<number | undefined> {
  const { services } = await wire().clients.ecs.describeServices({ cluster: CLUSTER, services: [SERVICE] });
  return services?.[0]?.desiredCount;
}

/** What the container does, through its agent, while it works. */
export async function protect(...tasks: readonly ServedTask[]): Promise<void> {
  const arns = tasks.map((task) => task.arn);
  await wire().clients.ecs.updateTaskProtection({ cluster: CLUSTER, tasks: arns, protectionEnabled: true });
}

/** Marks tasks and takes their targets out, as the function did some time ago; by now they have settled. */
export async function retire(stage: ScaleInStage, ...tasks: readonly ServedTask[]): Promise<void> {
  const { ecs, elbv2 } = stage.clients;
  const tags = [{ key: MARK_TAG, value: new Date(Date.now() - SETTLED_MS).toISOString() }];
  for (const { arn } of tasks) await ecs.tagResource({ resourceArn: arn, tags });
  const Targets = tasks.map(({ instanceId, port }) => ({ Id: instanceId, Port: port }));
  await elbv2.deregisterTargets({ TargetGroupArn: stage.targetGroupArn, Targets });
}

/** What ECS does when it looks at its service's targets. */
export async function registerAgain(stage: ScaleInStage, { instanceId, port }: ServedTask): Promise<void> {
  const Targets = [{ Id: instanceId, Port: port }];
  await stage.clients.elbv2.registerTargets({ TargetGroupArn: stage.targetGroupArn, Targets });
}

async function described({ clients, tasks }: ScaleInStage) {
  const request = { cluster: CLUSTER, tasks: tasks.map((task) => task.arn), include: ["TAGS" as const] };
  const found = (await clients.ecs.describeTasks(request)).tasks ?? [];
  return tasks.map((task) => ({ task, now: found.find((each) => each.taskArn === task.arn) }));
}

/** Those that are marked and run. */
export async function marked(stage: ScaleInStage): Promise<ServedTask[]> {
  const all = await described(stage);
  const isMarked = ({ now }: (typeof all)[number]): boolean =>
    now?.desiredStatus === "RUNNING" && now.tags?.some((tag) => tag.key === MARK_TAG) === true;
  return all.filter(isMarked).map(({ task }) => task);
}

export async function stopped(stage: ScaleInStage): Promise<ServedTask[]> {
  return (await described(stage)).filter(({ now }) => now?.desiredStatus === "STOPPED").map(({ task }) => task);
}

/** The function's own message, some time before its chain ends; its targets have been out since a moment ago. */
export function check(): string {
  const now = Date.now();
  return JSON.stringify({ kind: "check", service: SERVICE, until: now + MINUTE_MS, outAt: now - 3000 });
}

export const CHANGES = /:(Update|Deregister|Register|Stop|Tag|Untag)/;

/** The function's calls that change something, in order. */
export const changesIn = ({ front }: ScaleInStage): string[] =>
  front
    .calls()
    .map((call) => call.action)
    .filter((action) => CHANGES.test(action));
