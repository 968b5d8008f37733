/** Carries out what was planned. Each action is idempotent: "already so" and "already gone" are success. */
import type { AutoScaling } from "@aws-sdk/client-auto-scaling";
import type { EC2 } from "@aws-sdk/client-ec2";
import type { ECS } from "@aws-sdk/client-ecs";
import type { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { SQS } from "@aws-sdk/client-sqs";
import { allOrEach, batches, isNamed, isPassing, type CallOptions, type Surroundings } from "../calls";
import type { CheckMessage } from "./event";
import type { Action } from "./plan";
import { callHint, isHintAction, isHintAlreadySo, type HintActPorts } from "./recommendation/act";
import type { HintAction } from "./recommendation/action";
import type { DrainSettings } from "./settings";
import { setStatus, TAKES_NO_TASK } from "./status";

export interface ActPorts {
  readonly ecs: Pick<ECS, "updateContainerInstancesState" | "stopTask"> & HintActPorts["ecs"];
  readonly elbv2: Pick<ElasticLoadBalancingV2, "deregisterTargets">;
  readonly autoScaling: Pick<AutoScaling, "detachInstances"> & HintActPorts["autoScaling"];
  readonly ec2: Pick<EC2, "terminateInstances">;
  readonly sqs: Pick<SQS, "sendMessage">;
}

export interface Acting {
  readonly ports: ActPorts & Surroundings;
  readonly settings: DrainSettings;
  /** No call is tried again after this moment, in milliseconds since the epoch. */
  readonly deadline: number;
  /** When each instance goes; a call for one that is gone is not tried again either. */
  readonly ends: ReadonlyMap<string, number>;
}

/** Actions that were not carried out, and why. */
export interface Failure {
  readonly actions: readonly Action[];
  readonly error: unknown;
}

type Kind = Action["kind"];
type Of<K extends Kind> = Extract<Action, { kind: K }>;

/** How many of an action its API takes in one call; AWS documents no limit for targets. */
const BATCH_SIZE: Readonly<Record<Kind, number>> = {
  drain: 10,
  detach: 20,
  deregister: Number.POSITIVE_INFINITY,
  keep: Number.POSITIVE_INFINITY,
  stop: 1,
  checkAgain: 1,
  lastLook: 1,
  terminate: 1,
  mark: 1,
  unmark: 1,
  activate: 10,
  attach: 1,
  wait: Number.POSITIVE_INFINITY,
};

/** Carries out all actions at once, in the largest batches each API takes; one that fails doesn't hold up another. */
export async function act(actions: readonly Action[], acting: Acting): Promise<Failure[]> {
  const alike = new Map<string, Action[]>();
  for (const action of actions) {
    const key = action.kind === "deregister" ? action.targetGroupArn : action.kind;
    const known = alike.get(key);
    if (known === undefined) alike.set(key, [action]);
    else known.push(action);
  }
  const runs = [...alike.values()].flatMap((run) => batches(run, BATCH_SIZE[run[0]?.kind ?? "keep"]));
  return (await Promise.all(runs.map((batch) => attempt(batch, acting)))).flat();
}

async function attempt(batch: readonly Action[], acting: Acting): Promise<Failure[]> {
  const ends = batch.map((action) => acting.ends.get(action.instanceId) ?? acting.deadline);
  const deadline = Math.min(acting.deadline, Math.max(...ends));
  const refused = await allOrEach(batch, (items, options) => call(items, acting, options), deadline, acting.ports);
  return refused.flatMap(({ items, error }) => {
    const isDone = !isPassing(error) && items.every((action) => isAlreadySo(action, error));
    return isDone ? [] : [{ actions: items, error }];
  });
}

/** One call for actions of one kind, and of one target group. */
async function call(batch: readonly Action[], acting: Acting, options: CallOptions): Promise<unknown> {
  const [first] = batch;
  if (first === undefined) return undefined;
  if (isHintAction(first)) return callHint(batch as readonly HintAction[], acting, options);
  switch (first.kind) {
    case "drain":
      return setStatus("DRAINING", batch as readonly Of<"drain">[], acting, options);
    case "detach":
      return detach(batch as readonly Of<"detach">[], acting, options);
    case "deregister":
      return deregister(first.targetGroupArn, batch as readonly Of<"deregister">[], acting, options);
    case "stop":
      return stop(first, acting, options);
    case "checkAgain":
    case "lastLook":
      return lookLater(first, acting, options);
    case "terminate":
      return acting.ports.ec2.terminateInstances({ InstanceIds: [first.instanceId] }, options);
    case "keep":
      return undefined;
    default:
      return first satisfies never;
  }
}

function detach(batch: readonly Of<"detach">[], { ports, settings }: Acting, options: CallOptions): Promise<unknown> {
  const InstanceIds = batch.map((action) => action.instanceId);
  const { autoScalingGroupName: AutoScalingGroupName } = settings;
  const request = { AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: false };
  return ports.autoScaling.detachInstances(request, options);
}

function deregister(
  TargetGroupArn: string,
  batch: readonly Of<"deregister">[],
  { ports }: Acting,
  options: CallOptions,
): Promise<unknown> {
  // The port is needed: without it AWS answers 200 and leaves a target on a dynamic port registered.
  const Targets = batch.map((action) => ({ Id: action.instanceId, Port: action.port }));
  return ports.elbv2.deregisterTargets({ TargetGroupArn, Targets }, options);
}

function stop(action: Of<"stop">, { ports, settings }: Acting, options: CallOptions): Promise<unknown> {
  const reason = `Spot interruption of ${action.instanceId}: ${action.reason}`;
  return ports.ecs.stopTask({ cluster: settings.clusterArn, task: action.taskArn, reason }, options);
}

function lookLater(
  action: Of<"checkAgain" | "lastLook">,
  { ports, settings }: Acting,
  options: CallOptions,
): Promise<unknown> {
  const { instanceId, deadline, delaySeconds } = action;
  const message: CheckMessage = { kind: "check", instanceId, deadline };
  const MessageBody = JSON.stringify(message);
  return ports.sqs.sendMessage({ QueueUrl: settings.queueUrl, DelaySeconds: delaySeconds, MessageBody }, options);
}

/** Whether AWS refuses an action because there is nothing left to do. */
function isAlreadySo(action: Action, error: unknown): boolean {
  if (isHintAction(action)) return isHintAlreadySo(action, error);
  switch (action.kind) {
    case "drain":
      return isNamed(error, "InvalidParameterException", "ClientException") && TAKES_NO_TASK.test(String(error));
    case "detach":
      // Pending comes under it too; the next check finds the instance InService.
      return isNamed(error, "is not part of Auto Scaling group", "is not in InService", "No managed instance found");
    case "deregister":
      return isNamed(
        error,
        "TargetGroupNotFound",
        "TargetGroupNotFoundException",
        "InvalidTarget",
        "InvalidTargetException",
      );
    case "stop":
      return isNamed(error, "task was not found");
    case "terminate":
      return isNamed(error, "InvalidInstanceID.NotFound");
    case "checkAgain":
    case "lastLook":
    case "keep":
      return false;
    default:
      return action satisfies never;
  }
}
