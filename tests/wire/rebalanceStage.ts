/** A rebalance function beside a cluster on the wire: a service whose tasks stand unevenly, and no scheduler but the tests. */
import { MOVES_TAG, REBALANCE_TAG_PREFIX } from "../../functions/tags";
import type { LogRecord } from "../../functions/log";
import { recordService } from "../support/fixtures";
import type { Recording } from "../support/recorder";
import { wire } from "./harness/hooks";
import { deployedFunction, type Invocation } from "./harness/lambda";
import { Scene } from "./harness/scene";
import {
  CLUSTER,
  retireBy,
  serve,
  serveAnother,
  SERVICE,
  setDesiredCount,
  TARGET,
  type ServedStage,
  type ServedTask,
} from "./servedTasks";
import { recorded, startFunction, type Stage } from "./stage";

export const GROUP = "shop-group";

const QUEUE = "shop-rebalance-events";
const MINUTE_MS = 60_000;
/** Of a task that has served for long. */
const AGE_MS = 60 * MINUTE_MS;

export interface RebalanceStageOptions {
  /** How many tasks each instance has. */
  readonly counts: readonly number[];
  /** Where the service scales. */
  readonly maxCount: number;
  /** Whether the service's tasks may be moved. */
  readonly rebalance: boolean;
}

export interface RebalanceStage extends ServedStage {
  /** New ones join these. */
  readonly tasks: ServedTask[];
}

/** Two instances that are alike, and one that has come in place of a third, with a task of another service. */
export async function rebalanceStage(options: Partial<RebalanceStageOptions> = {}): Promise<RebalanceStage> {
  const { counts = [4, 4, 0], maxCount, rebalance = true } = options;
  const { clients } = wire();
  const scene = await Scene.set(clients, { instances: counts.length, queue: QUEUE });
  const recording = await recorded({ placementStrategies: SPREAD, protectsWork: true, rebalance }, recordService);
  const targetGroupArn = await scene.createService(SERVICE, { tags: { [MOVES_TAG]: movesTagOf(recording) } });
  await serveAnother(scene, scene.instanceIds.at(-1));
  const instanceIds = counts.flatMap((count, index) => Array<string>(count).fill(scene.instanceIds[index]!));
  const at = new Date(Date.now() - AGE_MS);
  const tasks = await Promise.all(
    instanceIds.map((instanceId, n) => serve(scene, targetGroupArn, { n, instanceId, at })),
  );
  await setDesiredCount(tasks.length);
  if (maxCount !== undefined) {
    await clients.applicationAutoScaling.registerScalableTarget({ ...TARGET, MinCapacity: 1, MaxCapacity: maxCount });
  }
  const deployed = await deployedFunction(recording, "shop-rebalance", actualNames(recording, scene));
  return { ...(await startFunction(scene, deployed)), targetGroupArn, tasks };
}

const SPREAD = [
  { type: "spread", field: "attribute:ecs.availability-zone" },
  { type: "spread", field: "instanceId" },
] as const;

/** What the program declares of how the service's tasks are moved. */
function movesTagOf(recording: Recording): string {
  const { tags } = recording.only("aws:ecs/service:Service").inputs as { tags: Record<string, string> };
  return tags[MOVES_TAG] ?? "";
}

function actualNames(recording: Recording, { groupArn, queueUrl }: Scene): Record<string, string> {
  const group = recording.only("aws:autoscaling/group:Group").outputs;
  const queue = recording.only("aws:sqs/queue:Queue", QUEUE).outputs;
  return { [String(group.arn)]: groupArn, [String(queue.url)]: queueUrl };
}

/** The schedule's event, with which it is time for a round. */
export function roundsEvent(): string {
  const quarter = 15 * MINUTE_MS;
  return scheduled(Math.ceil(Date.now() / quarter) * quarter);
}

/** The schedule's event in between. */
export function sweep(): string {
  const quarter = 15 * MINUTE_MS;
  return scheduled(Math.ceil(Date.now() / quarter) * quarter + 5 * MINUTE_MS);
}

/** The group has launched an instance. */
export function launched(): string {
  const detail = { AutoScalingGroupName: GROUP, EC2InstanceId: "i-0123456789abcdef0", StatusCode: "InProgress" };
  return JSON.stringify({ "detail-type": "EC2 Instance Launch Successful", source: "aws.autoscaling", detail });
}

function scheduled(at: number): string {
  const time = new Date(at).toISOString();
  return JSON.stringify({ "detail-type": "Scheduled Event", source: "aws.events", time, detail: {} });
}

/** What the function has sent to itself last. */
export function sent({ front }: Stage): string {
  return String(front.calls("sqs:SendMessage").at(-1)?.input.MessageBody);
}

/** What ECS does once more tasks are desired: each starts on the instance of this position, and serves. */
export async function start(stage: RebalanceStage, ...instances: readonly number[]): Promise<void> {
  const { scene, targetGroupArn, tasks } = stage;
  for (const index of instances) {
    const instanceId = scene.instanceIds[index]!;
    tasks.push(await serve(scene, targetGroupArn, { n: tasks.length, instanceId, at: new Date() }));
  }
}

/** What is left where a look has raised the desired count a while ago, and as many new tasks serve on the instances of these positions. */
export async function surged(stage: RebalanceStage, ...instances: readonly number[]): Promise<void> {
  const before = stage.tasks.length;
  await tagRaised(stage, before, before + instances.length, 90);
  await setDesiredCount(before + instances.length);
  await start(stage, ...instances);
}

/** As the rebalance function did some time ago; by now they have settled. */
export const retire = (stage: RebalanceStage, ...tasks: readonly ServedTask[]): Promise<void> =>
  retireBy("rebalance", stage, tasks);

const KEY = REBALANCE_TAG_PREFIX + SERVICE;

/** What the group's tag says of the service. */
export async function groupTag({ clients }: Stage): Promise<string | undefined> {
  const Filters = [{ Name: "auto-scaling-group", Values: [GROUP] }];
  const { Tags = [] } = await clients.autoScaling.describeTags({ Filters });
  return Tags.find(({ Key }) => Key === KEY)?.Value;
}

/** What a look has left behind so many seconds ago: it was to raise the desired count. */
export async function tagRaised({ clients }: Stage, before: number, raised: number, secondsAgo: number): Promise<void> {
  await putTag(clients, `${before} ${raised} ${new Date(Date.now() - secondsAgo * 1000).toISOString()}`);
}

/** What is left behind once tasks have moved: the service rests for so many seconds more. */
export async function tagResting({ clients }: Stage, seconds: number): Promise<void> {
  await putTag(clients, `0 0 ${new Date(Date.now() + seconds * 1000).toISOString()}`);
}

async function putTag({ autoScaling }: Stage["clients"], Value: string): Promise<void> {
  const tag = { ResourceId: GROUP, ResourceType: "auto-scaling-group", Key: KEY, Value, PropagateAtLaunch: false };
  await autoScaling.createOrUpdateTags({ Tags: [tag] });
}

/** How many of its tasks run on each instance. */
export async function countsOf({ clients, scene, tasks }: RebalanceStage): Promise<number[]> {
  const request = { cluster: CLUSTER, tasks: tasks.map(({ arn }) => arn) };
  const running = ((await clients.ecs.describeTasks(request)).tasks ?? []).filter(
    ({ desiredStatus }) => desiredStatus === "RUNNING",
  );
  return scene.instanceIds.map((id) => {
    const arn = scene.containerInstanceOf(id);
    return running.filter(({ containerInstanceArn }) => containerInstanceArn === arn).length;
  });
}

/** The metrics of a look. */
export const metricsIn = ({ lines }: Invocation): LogRecord | undefined =>
  lines.map((line) => JSON.parse(line) as LogRecord).findLast((record) => "_aws" in record);
