/** Fills the world from what a program declared: one reader per resource type, in the order in which AWS would need them. */
import type { World } from "../world/world";
import type { Resource } from "./monitor";
import { INERT, settingsNotModelled } from "./notModelled";
import { DeclaredProgram } from "./read";
import { readAssociation } from "./readers/capacityProvider";
import { readCluster } from "./readers/cluster";
import { readEventRule } from "./readers/eventRule";
import { readEventSourceMapping, readFunction } from "./readers/function";
import { readGroup } from "./readers/group";
import { readLaunchTemplate } from "./readers/launchTemplate";
import { readListener, readListenerRule } from "./readers/listener";
import { readMetricAlarm } from "./readers/metricAlarm";
import { linkDeadLetters, listUnknownQueues, readQueue } from "./readers/queue";
import type { Deployment } from "./readers/reader";
import { readScalableTarget } from "./readers/scalableTarget";
import { readScalingPolicy } from "./readers/scalingPolicy";
import { readScheduledAction } from "./readers/scheduledAction";
import { readService } from "./readers/service";
import { readTargetGroup } from "./readers/targetGroup";

type Step = (resource: Resource, deployment: Deployment) => void | Promise<void>;

const STEPS: readonly (readonly [type: string, step: Step])[] = [
  ["aws:ecs/cluster:Cluster", readCluster],
  ["aws:lb/targetGroup:TargetGroup", readTargetGroup],
  ["aws:sqs/queue:Queue", readQueue],
  ["aws:sqs/queue:Queue", linkDeadLetters],
  ["aws:ec2/launchTemplate:LaunchTemplate", readLaunchTemplate],
  ["aws:autoscaling/group:Group", readGroup],
  ["aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", readAssociation],
  ["aws:lambda/function:Function", readFunction],
  ["aws:lambda/eventSourceMapping:EventSourceMapping", readEventSourceMapping],
  ["aws:cloudwatch/eventRule:EventRule", readEventRule],
  ["aws:ecs/service:Service", readService],
  ["aws:ecs/service:Service", listUnknownQueues],
  ["aws:lb/listener:Listener", readListener],
  ["aws:lb/listenerRule:ListenerRule", readListenerRule],
  ["aws:appautoscaling/target:Target", readScalableTarget],
  ["aws:appautoscaling/policy:Policy", readScalingPolicy],
  ["aws:appautoscaling/scheduledAction:ScheduledAction", readScheduledAction],
  ["aws:cloudwatch/metricAlarm:MetricAlarm", readMetricAlarm],
];

/** Read through the resources that name them. */
const READ_THROUGH = new Set([
  "aws:ecs/taskDefinition:TaskDefinition",
  "aws:ecs/capacityProvider:CapacityProvider",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:iam/role:Role",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/policy:Policy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:autoscaling/lifecycleHook:LifecycleHook",
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:lambda/permission:Permission",
]);

/**
 * Deploys into `world`; returns what the program declares and the world doesn't model: types of resources with their number,
 * and single settings.
 */
export async function deploy(
  resources: readonly Resource[],
  rest: Omit<Deployment, "program" | "zoneOf" | "notModelled">,
): Promise<string[]> {
  const settings: string[] = [];
  const deployment: Deployment = {
    ...rest,
    program: new DeclaredProgram(resources),
    zoneOf: zones(rest.world),
    notModelled: (what) => settings.push(what),
  };
  for (const [type, step] of STEPS) {
    for (const resource of deployment.program.ofType(type)) await step(resource, deployment);
  }
  return [...typesNotModelled(resources), ...settings, ...settingsNotModelled(resources)].sort();
}

function typesNotModelled(resources: readonly Resource[]): string[] {
  const known = new Set([...STEPS.map(([type]) => type), ...READ_THROUGH, ...Object.keys(INERT)]);
  const counts = new Map<string, number>();
  for (const { type } of resources) {
    if (type.startsWith("aws:") && !known.has(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts].map(([type, count]) => `${type} × ${count}`);
}

/** One zone per subnet, in the order in which they are named. */
function zones(world: World): (subnetId: string) => string {
  const known = new Map<string, string>();
  return (subnetId) => {
    const zone = known.get(subnetId) ?? `${world.options.region}${String.fromCharCode("a".charCodeAt(0) + known.size)}`;
    known.set(subnetId, zone);
    return zone;
  };
}
