/** Reads the group and what it launched: one call a minute while all is well. */
import type { Activity, AutoScaling, AutoScalingGroup, InstancesDistribution } from "@aws-sdk/client-auto-scaling";
import type { EC2, Instance } from "@aws-sdk/client-ec2";
import { batches, pages, retrying, type Surroundings } from "../calls";
import { areTasksMoving, isUnderWay } from "../goesOn";
import { FALLBACK_TAG } from "../tags";
import { causeOf } from "./launchFailures";
import { parseMark } from "./mark";
import type { FallbackSettings } from "./settings";
import type { GroupState, LaunchFailure, MemberState } from "./state";

export interface ReadPorts {
  readonly autoScaling: Pick<
    AutoScaling,
    "describeAutoScalingGroups" | "describeScalingActivities" | "describeInstanceRefreshes"
  >;
  readonly ec2: Pick<EC2, "describeInstances">;
}

/** Everything a read needs: who to ask, for which group, until when (milliseconds since the epoch). */
export interface Reading {
  readonly ports: ReadPorts & Surroundings;
  readonly settings: FallbackSettings;
  readonly deadline: number;
}

/** The group, with its policy's distribution as AWS has it: an update has to give all of it. */
export interface ReadGroup extends GroupState {
  readonly asRead: InstancesDistribution;
}

const ACTIVITIES_READ = 50;
/** Values of one filter. @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html */
const FILTER_LIMIT = 200;

/** Undefined where there is no such group, or one of a single kind of instance, which has no shares. */
export async function readGroup({ ports, settings, deadline }: Reading): Promise<ReadGroup | undefined> {
  const AutoScalingGroupNames = [settings.autoScalingGroupName];
  const { AutoScalingGroups = [] } = await retrying(
    (options) => ports.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames }, options),
    deadline,
    ports,
  );
  const [group] = AutoScalingGroups;
  const asRead = group?.MixedInstancesPolicy?.InstancesDistribution;
  if (group === undefined || asRead === undefined) return undefined;
  return { ...groupState(group, asRead, ports.now()), asRead };
}

function groupState(group: AutoScalingGroup, asRead: InstancesDistribution, now: number): GroupState {
  const tags = group.Tags ?? [];
  const value = tags.find(({ Key }) => Key === FALLBACK_TAG)?.Value;
  return {
    desired: group.DesiredCapacity ?? 0,
    distribution: {
      base: asRead.OnDemandBaseCapacity ?? 0,
      percentageAboveBase: asRead.OnDemandPercentageAboveBaseCapacity ?? 100,
    },
    members: (group.Instances ?? []).flatMap(({ InstanceId, LifecycleState = "" }): MemberState[] => {
      const inService = LifecycleState === "InService";
      const counts = inService || LifecycleState.startsWith("Pending");
      return InstanceId === undefined || !counts ? [] : [{ instanceId: InstanceId, inService }];
    }),
    mark: value === undefined ? undefined : parseMark(value, now),
    rebalances: areTasksMoving(tags),
  };
}

/** Launches of the group that failed for lack of instances, by its latest activities. */
export async function readFailures({ ports, settings, deadline }: Reading): Promise<LaunchFailure[]> {
  const { autoScalingGroupName: AutoScalingGroupName } = settings;
  const request = { AutoScalingGroupName, MaxRecords: ACTIVITIES_READ };
  const { Activities = [] } = await retrying(
    (options) => ports.autoScaling.describeScalingActivities(request, options),
    deadline,
    ports,
  );
  return Activities.flatMap((activity) => failureOf(activity) ?? []);
}

function failureOf({ StatusCode, StatusMessage, StartTime, EndTime }: Activity): LaunchFailure | undefined {
  const at = EndTime ?? StartTime;
  const cause = StatusCode === "Failed" ? causeOf(StatusMessage ?? "") : undefined;
  return at === undefined || cause === undefined ? undefined : { at: at.getTime(), cause };
}

/** Instances as EC2 tells of them; by a filter, because a call that names one which is forgotten fails for all. */
export async function readInstances(
  { ports, deadline }: Reading,
  instanceIds: readonly string[],
): Promise<Map<string, Instance>> {
  const found = await Promise.all(
    batches(instanceIds, FILTER_LIMIT).map((Values) =>
      pages(async (NextToken) => {
        const Filters = [{ Name: "instance-id", Values }];
        const answer = await retrying(
          (options) => ports.ec2.describeInstances({ Filters, NextToken }, options),
          deadline,
          ports,
        );
        const items = answer.Reservations?.flatMap(({ Instances = [] }) => Instances);
        return { items, nextToken: answer.NextToken };
      }),
    ),
  );
  return new Map(found.flat().map((instance) => [instance.InstanceId ?? "", instance]));
}

/** The newest comes first. */
export async function isRefreshing({ ports, settings, deadline }: Reading): Promise<boolean> {
  const { autoScalingGroupName: AutoScalingGroupName } = settings;
  const { InstanceRefreshes = [] } = await retrying(
    (options) => ports.autoScaling.describeInstanceRefreshes({ AutoScalingGroupName, MaxRecords: 1 }, options),
    deadline,
    ports,
  );
  return InstanceRefreshes.some(isUnderWay);
}
