/** Reads what is known of recommendations: they stand on the container instances, as tags. */
import type { AutoScaling, AutoScalingGroup } from "@aws-sdk/client-auto-scaling";
import type { ContainerInstance } from "@aws-sdk/client-ecs";
import { retrying, type Surroundings } from "../../calls";
import { describeContainerInstances, isEmpty, listContainerInstances, readServices } from "../../cluster";
import { isReturning, isShort, isStoodInFor, isUnderWay } from "../../goesOn";
import type { WaitsFor } from "../../precedence";
import { RECOMMENDATION_TAG } from "../../tags";
import { listDraining, locate, readMembers, type Reading } from "../read";
import type { GroupSizes, HintedInstance, HintState, RecommendedInstance } from "./state";

export interface HintReading extends Reading {
  readonly ports: Reading["ports"] & Surroundings & { readonly autoScaling: RefreshReader };
}

export type RefreshReader = Pick<AutoScaling, "describeInstanceRefreshes">;

/** Where the instances are of which recommendations came. `times`: when each came, by EC2's id. */
export async function readRecommended(
  reading: Reading,
  times: ReadonlyMap<string, number>,
): Promise<RecommendedInstance[]> {
  const ids = [...times.keys()];
  const [located, members, draining] = await Promise.all([
    locate(reading, ids),
    readMembers(reading, ids),
    listDraining(reading),
  ]);
  const arns = new Map(located.map((each) => [each.instanceId, each.containerInstanceArn]));
  const own = members.filter((each) => each.AutoScalingGroupName === reading.settings.autoScalingGroupName);
  const states = new Map(own.map((each) => [each.InstanceId, each.LifecycleState]));
  return [...times].map(([instanceId, at]) => {
    const containerInstanceArn = arns.get(instanceId);
    const isDraining = containerInstanceArn !== undefined && draining.includes(containerInstanceArn);
    const lifecycleState = states.get(instanceId);
    return { instanceId, at, containerInstanceArn, draining: isDraining, lifecycleState };
  });
}

/** Usually no instance is tagged, and that is all that has to be read; undefined then. */
export async function readHints(reading: HintReading): Promise<HintState | undefined> {
  const { group, instances, hinted } = await readHinted(reading);
  if (group === undefined || hinted.length === 0) return undefined;
  const isAsking = hinted.some((each) => each.lifecycleState !== undefined && !each.draining);
  const sizes = sizesOf(group, instances);
  return { group: sizes, hinted, goesOn: isAsking ? await readGoesOn(reading, group, sizes, hinted) : undefined };
}

export async function readHinted(reading: Reading) {
  const [group, instances] = await Promise.all([describeGroup(reading), readInstances(reading)]);
  const states = new Map((group?.Instances ?? []).map((each) => [each.InstanceId, each.LifecycleState]));
  return { group, instances, hinted: instances.flatMap((instance) => hintedInstance(instance, states)) };
}

async function readInstances(reading: Reading): Promise<ContainerInstance[]> {
  return describeContainerInstances(reading, await listContainerInstances(reading), ["TAGS"]);
}

async function describeGroup({ ports, settings, deadline }: Reading): Promise<AutoScalingGroup | undefined> {
  const AutoScalingGroupNames = [settings.autoScalingGroupName];
  const { AutoScalingGroups: [group] = [] } = await retrying(
    (options) => ports.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames }, options),
    deadline,
    ports,
  );
  return group;
}

function hintedInstance(
  instance: ContainerInstance,
  states: ReadonlyMap<string | undefined, string | undefined>,
): HintedInstance[] {
  const time = instance.tags?.find(({ key }) => key === RECOMMENDATION_TAG)?.value;
  const { containerInstanceArn, ec2InstanceId: instanceId } = instance;
  if (time === undefined || containerInstanceArn === undefined || instanceId === undefined) return [];
  return [
    {
      instanceId,
      containerInstanceArn,
      // What nobody can read is over.
      at: Date.parse(time) || 0,
      draining: instance.status === "DRAINING",
      agentConnected: instance.agentConnected ?? false,
      isEmpty: isEmpty(instance),
      lifecycleState: states.get(instanceId),
    },
  ];
}

function sizesOf(
  { MinSize, MaxSize, DesiredCapacity, Instances }: AutoScalingGroup,
  instances: readonly ContainerInstance[],
): GroupSizes {
  const members = (Instances ?? []).filter(({ LifecycleState }) => !LifecycleState?.startsWith("Terminating"));
  const open = instances.filter(({ status, agentConnected }) => status === "ACTIVE" && agentConnected === true);
  const places = new Set(open.map((each) => each.ec2InstanceId));
  const isReady = ({ InstanceId, LifecycleState }: { InstanceId?: string; LifecycleState?: string }): boolean =>
    LifecycleState === "InService" && places.has(InstanceId);
  return {
    minSize: MinSize ?? 0,
    maxSize: MaxSize ?? 0,
    desiredCapacity: DesiredCapacity ?? 0,
    members: members.length,
    ready: members.filter(isReady).length,
  };
}

/** An instance that the group lacks, other than a hinted one's replacement, is a shortage too. */
async function readGoesOn(
  reading: HintReading,
  group: AutoScalingGroup,
  { desiredCapacity, ready }: GroupSizes,
  hinted: readonly HintedInstance[],
): Promise<WaitsFor<"recommendation">> {
  const [services, refreshes] = await Promise.all([readServices(reading), describeRefreshes(reading)]);
  const replacing = hinted.filter((each) => each.lifecycleState === undefined && !each.draining).length;
  return {
    shortage: services.some(isShort) || ready + replacing < desiredCapacity,
    refresh: refreshes.some(isUnderWay),
    fallback: isStoodInFor(group.Tags ?? []),
    returnToSpot: isReturning(group.Tags ?? []),
  };
}

async function describeRefreshes({ ports, settings, deadline }: HintReading) {
  const AutoScalingGroupName = settings.autoScalingGroupName;
  const { InstanceRefreshes = [] } = await retrying(
    (options) => ports.autoScaling.describeInstanceRefreshes({ AutoScalingGroupName, MaxRecords: 1 }, options),
    deadline,
    ports,
  );
  return InstanceRefreshes;
}
