/** What goes on beyond the group itself, in as few rounds of calls as AWS's APIs allow. */
import type { Instance } from "@aws-sdk/client-ec2";
import type { Surroundings } from "../calls";
import { isRefreshing, readFailures, readInstances, type ReadGroup, type ReadPorts } from "./read";
import { readContainerInstances, readServiceActivities, type ClusterPorts, type InCluster } from "./readCluster";
import type { FallbackSettings } from "./settings";
import type { DetachedState, FallbackState, LaunchFailure, ShareState, Standing } from "./state";

export interface StateReading {
  readonly ports: ReadPorts & ClusterPorts & Surroundings;
  readonly settings: FallbackSettings;
  readonly deadline: number;
}

/** With the launches that failed by the activities, and those that events told of: each may be ahead of the other. */
export async function readShare(
  reading: StateReading,
  group: ReadGroup,
  told: readonly LaunchFailure[],
): Promise<{ readonly state: ShareState; readonly instances: ReadonlyMap<string, Instance> }> {
  const { detached } = group.mark ?? {};
  const ids = [...new Set([...group.members.map(({ instanceId }) => instanceId), ...(detached ? [detached] : [])])];
  const [failures, instances] = await Promise.all([readFailures(reading), readInstances(reading, ids)]);
  const members = group.members.map((member) => ({
    ...member,
    lifecycle: lifecycleOf(instances.get(member.instanceId)),
  }));
  return { state: { ...group, members, failures: [...failures, ...told] }, instances };
}

function lifecycleOf(instance: Instance | undefined): Standing["lifecycle"] {
  if (instance === undefined) return undefined;
  return instance.InstanceLifecycle === "spot" ? "spot" : "on-demand";
}

/** What a return to Spot has to know as well. */
export async function readState(
  reading: StateReading,
  group: ReadGroup,
  state: ShareState,
  instances: ReadonlyMap<string, Instance>,
): Promise<FallbackState> {
  const [inCluster, services, refresh] = await Promise.all([
    readContainerInstances(reading),
    readServiceActivities(reading),
    isRefreshing(reading),
  ]);
  const draining = [...inCluster.values()].some((each) => each.draining);
  const members = state.members.map((member): Standing => {
    const found = inCluster.get(member.instanceId);
    const joined = found?.status === "ACTIVE" && found.agentConnected;
    return { ...member, joined, tasks: found?.tasks ?? 0 };
  });
  return {
    ...state,
    members,
    detached: detachedState(group, instances, inCluster),
    goesOn: { draining, ...services, rebalance: group.rebalances, refresh },
  };
}

const ENDING = ["shutting-down", "terminated"];

function detachedState(
  { mark, members }: ReadGroup,
  instances: ReadonlyMap<string, Instance>,
  inCluster: ReadonlyMap<string, InCluster>,
): DetachedState | undefined {
  const instanceId = mark?.detached;
  if (instanceId === undefined) return undefined;
  const instance = instances.get(instanceId);
  const found = inCluster.get(instanceId);
  return {
    instanceId,
    inGroup: members.some((member) => member.instanceId === instanceId),
    gone: instance === undefined || ENDING.includes(instance.State?.Name ?? ""),
    containerInstanceArn: found?.containerInstanceArn,
    draining: found?.status === "DRAINING",
    empty: found?.empty ?? true,
  };
}
