/**
 * A capacity provider's managed draining: what its group ends, and what EC2 takes back, is DRAINING first. ECS hooks into the
 * group's terminations and has an EventBridge rule of its own.
 */
import type { Group } from "../autoScaling/group";
import type { Member } from "../autoScaling/member";
import { ECS } from "../constants";
import type { EventBus } from "../eventBridge";
import type { Cluster } from "./cluster";

const HOOK = "ecs-managed-draining-termination-hook";

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html */
export function manageDraining(group: Group, cluster: Cluster, bus: EventBus): void {
  // ECS keeps the hook alive until nothing runs any more, so its heartbeat is the whole time that it waits.
  group.hooks.add({ name: HOOK, heartbeatMs: ECS.managedDrainingMs, defaultResult: "CONTINUE" });
  const waiting = new Map<string, Member>();
  const release = (instanceId: string): void => {
    const member = waiting.get(instanceId);
    if (waiting.delete(instanceId)) group.hooks.complete(member!, HOOK, "CONTINUE");
  };
  group.terminating.subscribe((member) => {
    const { id } = member.instance;
    const instance = cluster.instanceOf(id);
    waiting.set(id, member);
    if (instance !== undefined) cluster.setStatus(instance, "DRAINING", "managed draining");
    if (instance === undefined || instance.tasks.size === 0) release(id);
  });
  cluster.life.changed.subscribe(({ lastStatus, instance }) => {
    if (lastStatus === "STOPPED" && instance?.tasks.size === 0) release(instance.ec2.id);
  });
  bus.addRule({
    name: `ECSManagedDraining-${group.spec.name}`,
    arn: `${cluster.spec.arn}/managed-draining`,
    pattern: { source: ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"] },
    rateMs: undefined,
    deliver: [(text) => onNotice(group, cluster, text)],
  });
}

/** An instance that isn't the group's any more is nobody's business here. */
function onNotice(group: Group, cluster: Cluster, text: string): void {
  const { detail } = JSON.parse(text) as { detail: { "instance-id": string } };
  const id = detail["instance-id"];
  const instance = cluster.instanceOf(id);
  if (instance !== undefined && group.members.has(id)) cluster.setStatus(instance, "DRAINING", "managed draining");
}
