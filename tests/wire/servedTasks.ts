/** A service's tasks behind its balancer on the wire, and what the container, ECS or an operator does with them. */
import { expect } from "chai";
import { MARK_TAG, markOf } from "../../functions/tags";
import type { Retirer } from "../../functions/retire/state";
import { batchOf } from "../functions/scaleIn/fakeAws";
import { wire } from "./harness/hooks";
import type { Scene } from "./harness/scene";
import { decisionsIn, failedIn, without, type Stage } from "./stage";

export const CLUSTER = "shop";
export const SERVICE = "api";
export const FIRST_PORT = 32768;
export const TARGET = {
  ServiceNamespace: "ecs",
  ResourceId: `service/${CLUSTER}/${SERVICE}`,
  ScalableDimension: "ecs:service:DesiredCount",
} as const;

/** More than a mark needs to settle, and less than it takes until it is forgotten. */
const SETTLED_MS = 30_000;

export interface ServedTask {
  readonly arn: string;
  readonly instanceId: string;
  readonly port: number;
  /** As `Scene.targetsOf` names it. */
  readonly target: string;
}

export interface ServedStage extends Stage {
  readonly targetGroupArn: string;
  readonly tasks: readonly ServedTask[];
}

/** One more task, the n-th, on an instance. */
export async function serve(
  scene: Scene,
  targetGroupArn: string,
  { n, instanceId, at }: { readonly n: number; readonly instanceId: string; readonly at?: Date },
): Promise<ServedTask> {
  const port = FIRST_PORT + n;
  const { arn } = await scene.place(SERVICE, instanceId, port, targetGroupArn, at);
  return { arn, instanceId, port, target: `${instanceId}:${port}` };
}

/** Its tasks are none of the function's business. */
export async function serveAnother(scene: Scene, instanceId = scene.instanceIds[0]!): Promise<void> {
  await scene.createService("mail", { balanced: false });
  await scene.placeMany("mail", instanceId, 1);
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

/** Marks tasks and takes their targets out, as a function did some time ago; by now they have settled. */
export async function retireBy(by: Retirer, stage: ServedStage, tasks: readonly ServedTask[]): Promise<void> {
  const { ecs, elbv2 } = stage.clients;
  const tags = [{ key: MARK_TAG, value: markOf(Date.now() - SETTLED_MS, by) }];
  for (const { arn } of tasks) await ecs.tagResource({ resourceArn: arn, tags });
  const Targets = tasks.map(({ instanceId, port }) => ({ Id: instanceId, Port: port }));
  await elbv2.deregisterTargets({ TargetGroupArn: stage.targetGroupArn, Targets });
}

/** What ECS does when it looks at its service's targets. */
export async function registerAgain(stage: ServedStage, { instanceId, port }: ServedTask): Promise<void> {
  const Targets = [{ Id: instanceId, Port: port }];
  await stage.clients.elbv2.registerTargets({ TargetGroupArn: stage.targetGroupArn, Targets });
}

async function described({ clients, tasks }: ServedStage) {
  const request = { cluster: CLUSTER, tasks: tasks.map((task) => task.arn), include: ["TAGS" as const] };
  const found = (await clients.ecs.describeTasks(request)).tasks ?? [];
  return tasks.map((task) => ({ task, now: found.find((each) => each.taskArn === task.arn) }));
}

/** Those that are marked and run. */
export async function marked(stage: ServedStage): Promise<ServedTask[]> {
  const all = await described(stage);
  const isMarked = ({ now }: (typeof all)[number]): boolean =>
    now?.desiredStatus === "RUNNING" && now.tags?.some((tag) => tag.key === MARK_TAG) === true;
  return all.filter(isMarked).map(({ task }) => task);
}

export async function stopped(stage: ServedStage): Promise<ServedTask[]> {
  return (await described(stage)).filter(({ now }) => now?.desiredStatus === "STOPPED").map(({ task }) => task);
}

/** The function's own message, some time before its chain ends; its targets have been out since a moment ago. */
export function check(): string {
  const now = Date.now();
  return JSON.stringify({ kind: "check", service: SERVICE, until: now + 60_000, outAt: now - 3000 });
}

export const CHANGES = /:(Create|Delete|Update|Deregister|Register|Stop|Tag|Untag)/;

/** The function's calls that change something, in order. */
export const changesIn = ({ front }: Stage): string[] =>
  front
    .calls()
    .map((call) => call.action)
    .filter((action) => CHANGES.test(action));

/** What a round has come to. */
export interface Left {
  readonly marked: number;
  readonly targets: number;
  readonly stopped: number;
  readonly desired: number | undefined;
}

export async function leftOf(stage: ServedStage): Promise<Left> {
  return {
    marked: (await marked(stage)).length,
    targets: (await stage.scene.targetsOf(stage.targetGroupArn)).length,
    stopped: (await stopped(stage)).length,
    desired: await desiredCount(),
  };
}

/** The function handles a message, and nothing fails. */
export async function look({ lambda }: Stage, body: string): Promise<void> {
  const invocation = await lambda.invoke(batchOf(body));
  expect(failedIn(invocation)).to.be.empty;
  expect(decisionsIn(invocation, "failed")).to.be.empty;
}

/** The function handles a message without the right to an action, which all that fails names. */
export async function lookWithout(action: string, { front, lambda, deployed }: Stage, body: string): Promise<void> {
  front.role = without(deployed.statements, action);
  const invocation = await lambda.invoke(batchOf(body));
  const errors = decisionsIn(invocation, "failed").map((record) => String(record.error));
  expect(errors).to.not.be.empty;
  for (const error of errors) expect(error).to.include(`not authorized to perform: ${action}`);
}
