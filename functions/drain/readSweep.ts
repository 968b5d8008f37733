/** Reads what the sweep looks at: usually two calls and nothing to do. */
import { retrying } from "../calls";
import { describeInstances, describeTasks, listDraining, listTasks, locate, readMembers, type Reading } from "./read";
import type { SweepState } from "./state";

export async function readSweep(reading: Reading): Promise<SweepState> {
  const { ports, settings, deadline } = reading;
  const AutoScalingGroupNames = [settings.autoScalingGroupName];
  const [groups, draining] = await Promise.all([
    retrying(() => ports.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames }), deadline, ports),
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
 * DRAINING instances outside every group on which nothing is left. The instance's own counts leave out tasks that are
 * stopping, which may still finish requests, so every task has to be STOPPED. One whose agent is disconnected has mostly
 * been ended already, and ECS has not noticed.
 */
async function readEmptyOrphans(
  reading: Reading,
  draining: readonly string[],
  memberIds: ReadonlySet<string>,
): Promise<string[]> {
  const instances = await describeInstances(reading, draining);
  const outside = instances.filter(
    (each) => each.agentConnected && each.running === 0 && !memberIds.has(each.instanceId),
  );
  const ids = outside.map((each) => each.instanceId);
  const [inOtherGroup, empty] = await Promise.all([
    readMembers(reading, ids),
    Promise.all(outside.map((each) => isEmpty(reading, each.containerInstanceArn))),
  ]);
  const claimed = new Set(inOtherGroup.map((member) => member.InstanceId ?? ""));
  return ids.filter((instanceId, index) => empty[index] === true && !claimed.has(instanceId));
}

async function isEmpty(reading: Reading, containerInstance: string): Promise<boolean> {
  const [running, stopping] = await Promise.all([
    listTasks(reading, { containerInstance }),
    listTasks(reading, { containerInstance, desiredStatus: "STOPPED" }),
  ]);
  if (running.length > 0) return false;
  const tasks = await describeTasks(reading, stopping);
  return tasks.every((task) => task.lastStatus === "STOPPED");
}
