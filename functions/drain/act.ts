/** Carries out what was planned. Each action is idempotent: "already so" and "already gone" are success. */
import type { AutoScaling } from "@aws-sdk/client-auto-scaling";
import type { EC2 } from "@aws-sdk/client-ec2";
import type { ECS } from "@aws-sdk/client-ecs";
import type { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { SQS } from "@aws-sdk/client-sqs";
import { batches, isNamed, retrying, type Surroundings } from "../calls";
import type { CheckMessage } from "./event";
import type { Action } from "./plan";
import type { DrainSettings } from "./settings";

export interface ActPorts {
  readonly ecs: Pick<ECS, "updateContainerInstancesState" | "stopTask">;
  readonly elbv2: Pick<ElasticLoadBalancingV2, "deregisterTargets">;
  readonly autoScaling: Pick<AutoScaling, "detachInstances">;
  readonly ec2: Pick<EC2, "terminateInstances">;
  readonly sqs: Pick<SQS, "sendMessage">;
}

export interface Acting {
  readonly ports: ActPorts & Surroundings;
  readonly settings: DrainSettings;
  /** No call is tried again after this moment, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** What went wrong, and for which instances. */
export interface Failure {
  readonly instanceIds: readonly string[];
  readonly action: Action["kind"];
  readonly error: unknown;
}

const UPDATE_CONTAINER_INSTANCES_LIMIT = 10;
const DETACH_INSTANCES_LIMIT = 20;

type Of<K extends Action["kind"]> = Extract<Action, { kind: K }>;

/** Carries out all actions at once, in the largest batches each API takes; one that fails doesn't hold up another. */
export async function act(actions: readonly Action[], acting: Acting): Promise<Failure[]> {
  const drains = actions.filter((action) => action.kind === "drain");
  const detaches = actions.filter((action) => action.kind === "detach");
  const deregisters = actions.filter((action) => action.kind === "deregister");
  const targetGroupArns = [...new Set(deregisters.map((action) => action.targetGroupArn))];
  const results = await Promise.all([
    ...batches(drains, UPDATE_CONTAINER_INSTANCES_LIMIT).map((batch) => attempt(batch, () => drain(batch, acting))),
    ...batches(detaches, DETACH_INSTANCES_LIMIT).map((batch) => attempt(batch, () => detach(batch, acting))),
    ...targetGroupArns.map((arn) => {
      const batch = deregisters.filter((action) => action.targetGroupArn === arn);
      return attempt(batch, () => deregister(arn, batch, acting));
    }),
    ...actions.map((action) => attempt([action], () => single(action, acting))),
  ]);
  return results.flat();
}

async function attempt(batch: readonly Action[], run: () => Promise<unknown>): Promise<Failure[]> {
  try {
    await run();
    return [];
  } catch (error) {
    const instanceIds = [...new Set(batch.map((action) => action.instanceId))];
    return batch.slice(0, 1).map((action) => ({ instanceIds, action: action.kind, error }));
  }
}

/** The actions that AWS takes one at a time; the others went out in batches. */
async function single(action: Action, acting: Acting): Promise<void> {
  switch (action.kind) {
    case "stop":
      return stop(action, acting);
    case "checkAgain":
      return checkAgain(action, acting);
    case "terminate":
      return terminate(action, acting);
    case "drain":
    case "detach":
    case "deregister":
    case "keep":
      return;
    default:
      action satisfies never;
  }
}

async function drain(batch: readonly Of<"drain">[], { ports, settings, deadline }: Acting): Promise<void> {
  const containerInstances = batch.map((action) => action.containerInstanceArn);
  const answer = await retrying(
    () => ports.ecs.updateContainerInstancesState({ cluster: settings.clusterArn, containerInstances, status: "DRAINING" }),
    deadline,
    ports,
  );
  // A container instance that isn't ACTIVE any more (MISSING, INACTIVE, DRAINING) gets no new task either way.
  const serious = (answer.failures ?? []).filter(({ reason }) => !/MISSING|INACTIVE|DRAINING|DEREGISTERING/.test(reason ?? ""));
  if (serious.length > 0) throw new Error(`not drained: ${JSON.stringify(serious)}`);
}

async function detach(batch: readonly Of<"detach">[], { ports, settings, deadline }: Acting): Promise<void> {
  const detachAll = (InstanceIds: string[]): Promise<unknown> =>
    retrying(
      () =>
        ports.autoScaling.detachInstances({
          AutoScalingGroupName: settings.autoScalingGroupName,
          InstanceIds,
          ShouldDecrementDesiredCapacity: false,
        }),
      deadline,
      ports,
    );
  const ids = batch.map((action) => action.instanceId);
  try {
    await detachAll(ids);
  } catch (error) {
    if (!isGoneFromGroup(error)) throw error;
    if (ids.length > 1) await Promise.all(ids.map((id) => detachAll([id]).catch(unlessGoneFromGroup)));
  }
}

/** A batch is refused whole for one instance that left the group, or isn't InService, in the meantime. */
const isGoneFromGroup = (error: unknown): boolean => isNamed(error, "ValidationError") && isNamed(error, "not part of", "not in InService", "not found");

function unlessGoneFromGroup(error: unknown): void {
  if (!isGoneFromGroup(error)) throw error;
}

async function deregister(TargetGroupArn: string, batch: readonly Of<"deregister">[], { ports, deadline }: Acting): Promise<void> {
  // The port is needed: without it AWS answers 200 and leaves a target on a dynamic port registered.
  const Targets = batch.map((action) => ({ Id: action.instanceId, Port: action.port }));
  await retrying(() => ports.elbv2.deregisterTargets({ TargetGroupArn, Targets }), deadline, ports).catch((error: unknown) => {
    if (!isNamed(error, "TargetGroupNotFound", "TargetGroupNotFoundException")) throw error;
  });
}

async function stop(action: Of<"stop">, { ports, settings, deadline }: Acting): Promise<void> {
  const reason = `Spot interruption of ${action.instanceId}: ${action.reason}`;
  await retrying(() => ports.ecs.stopTask({ cluster: settings.clusterArn, task: action.taskArn, reason }), deadline, ports).catch((error: unknown) => {
    if (!isNamed(error, "task was not found")) throw error;
  });
}

async function checkAgain(action: Of<"checkAgain">, { ports, settings, deadline }: Acting): Promise<void> {
  const message: CheckMessage = { kind: "check", instanceId: action.instanceId, deadline: action.deadline };
  await retrying(
    () => ports.sqs.sendMessage({ QueueUrl: settings.queueUrl, DelaySeconds: action.delaySeconds, MessageBody: JSON.stringify(message) }),
    deadline,
    ports,
  );
}

async function terminate(action: Of<"terminate">, { ports, deadline }: Acting): Promise<void> {
  await retrying(() => ports.ec2.terminateInstances({ InstanceIds: [action.instanceId] }), deadline, ports).catch((error: unknown) => {
    if (!isNamed(error, "InvalidInstanceID.NotFound")) throw error;
  });
}
