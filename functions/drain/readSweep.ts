/** Reads what the sweep looks at: usually two calls and nothing to do. */
import { retrying } from "../calls";
import { describeInstances, listDraining, locate, readMembers, type Reading } from "./read";
import type { SweepState } from "./state";

export async function readSweep(reading: Reading): Promise<SweepState> {
  const { ports, settings, deadline } = reading;
  const AutoScalingGroupNames = [settings.autoScalingGroupName];
  const [groups, draining] = await Promise.all([
    retrying(
      (options) => ports.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames }, options),
      deadline,
      ports,
    ),
    listDraining(reading),
  ]);
  const members = (groups.AutoScalingGroups ?? []).flatMap((group) => group.Instances ?? []);
  const ending = members.flatMap(({ InstanceId, LifecycleState }) =>
    InstanceId !== undefined && LifecycleState?.startsWith("Terminating") ? [InstanceId] : [],
  );
  const memberIds = new Set(members.map((member) => member.InstanceId ?? ""));
  const [endingLocated, emptyOrphans] = await Promise.all([
    locate(reading, ending),
    settings.replacement === "detach" ? readEmptyOrphans(reading, draining, memberIds) : [],
  ]);
  const isDraining = new Set(draining);
  return {
    endingButActive: endingLocated.filter((each) => !isDraining.has(each.containerInstanceArn)),
    emptyOrphans,
  };
}

/**
 * DRAINING instances outside every group on which nothing is left. One whose agent is disconnected has mostly been ended
 * already, and ECS has not noticed.
 */
async function readEmptyOrphans(
  reading: Reading,
  draining: readonly string[],
  memberIds: ReadonlySet<string>,
): Promise<string[]> {
  const instances = await describeInstances(reading, draining);
  const ids = instances
    .filter((each) => each.agentConnected && each.isEmpty && !memberIds.has(each.instanceId))
    .map((each) => each.instanceId);
  const claimed = new Set((await readMembers(reading, ids)).map((member) => member.InstanceId ?? ""));
  return ids.filter((instanceId) => !claimed.has(instanceId));
}
