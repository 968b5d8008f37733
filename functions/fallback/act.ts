/** Carries out what was planned. Each action is idempotent: "already so" and "already gone" are success. */
import type { AutoScaling, InstancesDistribution } from "@aws-sdk/client-auto-scaling";
import type { EC2 } from "@aws-sdk/client-ec2";
import type { ECS } from "@aws-sdk/client-ecs";
import { isNamed, retrying, type CallOptions, type Surroundings } from "../calls";
import { FALLBACK_TAG } from "../tags";
import { formatMark, type Mark } from "./mark";
import type { Action } from "./plan";
import type { FallbackSettings } from "./settings";

export interface ActPorts {
  readonly autoScaling: Pick<
    AutoScaling,
    "createOrUpdateTags" | "deleteTags" | "updateAutoScalingGroup" | "detachInstances"
  >;
  readonly ecs: Pick<ECS, "updateContainerInstancesState">;
  readonly ec2: Pick<EC2, "terminateInstances">;
}

export interface Acting {
  readonly ports: ActPorts & Surroundings;
  readonly settings: FallbackSettings;
  /** No call is tried again after this moment, in milliseconds since the epoch. */
  readonly deadline: number;
  /** The group's distribution as it was read. */
  readonly asRead: InstancesDistribution;
}

export interface Failure {
  readonly action: Action;
  readonly error: unknown;
}

/** One after the other, since each rests on the one before; the first that fails ends it, and the next look takes it up. */
export async function act(actions: readonly Action[], acting: Acting): Promise<Failure | undefined> {
  for (const action of actions) {
    try {
      await retrying((options) => call(action, acting, options), acting.deadline, acting.ports);
    } catch (error) {
      if (!isAlreadySo(action, error)) return { action, error };
    }
  }
  return undefined;
}

async function call(action: Action, acting: Acting, options: CallOptions): Promise<unknown> {
  const { ports } = acting;
  switch (action.kind) {
    case "mark":
      return mark(action.mark, acting, options);
    case "unmark":
      return ports.autoScaling.deleteTags({ Tags: [tag(acting.settings)] }, options);
    case "setBase":
      return setBase(action.to, acting, options);
    case "detach":
      return detach(action.instanceId, acting, options);
    case "drain":
      return drain(action.containerInstanceArn, acting, options);
    case "terminate":
      return ports.ec2.terminateInstances({ InstanceIds: [action.instanceId] }, options);
    default:
      return action satisfies never;
  }
}

const tag = ({ autoScalingGroupName }: FallbackSettings) => ({
  ResourceId: autoScalingGroupName,
  ResourceType: "auto-scaling-group",
  Key: FALLBACK_TAG,
});

function mark(value: Mark, { ports, settings }: Acting, options: CallOptions): Promise<unknown> {
  const Tags = [{ ...tag(settings), Value: formatMark(value), PropagateAtLaunch: false }];
  return ports.autoScaling.createOrUpdateTags({ Tags }, options);
}

/**
 * All of the distribution, because AWS takes the default of what is left out; and no launch template, which may be left out of an
 * update and with which the caller would need the rights to launch instances.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html
 */
function setBase(base: number, { ports, settings, asRead }: Acting, options: CallOptions): Promise<unknown> {
  const { autoScalingGroupName: AutoScalingGroupName } = settings;
  const MixedInstancesPolicy = { InstancesDistribution: { ...asRead, OnDemandBaseCapacity: base } };
  return ports.autoScaling.updateAutoScalingGroup({ AutoScalingGroupName, MixedInstancesPolicy }, options);
}

function detach(instanceId: string, { ports, settings }: Acting, options: CallOptions): Promise<unknown> {
  const { autoScalingGroupName: AutoScalingGroupName } = settings;
  const request = { AutoScalingGroupName, InstanceIds: [instanceId], ShouldDecrementDesiredCapacity: false };
  return ports.autoScaling.detachInstances(request, options);
}

async function drain(containerInstanceArn: string, { ports, settings }: Acting, options: CallOptions): Promise<void> {
  const containerInstances = [containerInstanceArn];
  const request = { cluster: settings.clusterArn, containerInstances, status: "DRAINING" } as const;
  const { failures = [] } = await ports.ecs.updateContainerInstancesState(request, options);
  if (failures.length > 0) throw new Error(`not drained: ${JSON.stringify(failures)}`);
}

/** Whether AWS refuses an action because there is nothing left to do. */
function isAlreadySo(action: Action, error: unknown): boolean {
  switch (action.kind) {
    case "detach":
      return isNamed(error, "is not part of Auto Scaling group", "No managed instance found");
    case "drain":
      return /MISSING|INACTIVE|DRAINING|DEREGISTERING/.test(String(error));
    case "terminate":
      return isNamed(error, "InvalidInstanceID.NotFound");
    case "mark":
    case "unmark":
    case "setBase":
      return false;
    default:
      return action satisfies never;
  }
}
