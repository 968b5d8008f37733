import { Group } from "../../world/autoScaling/group";
import type { LifecycleHookSpec } from "../../world/autoScaling/terminationHooks";
import { AUTO_SCALING } from "../../world/constants";
import { agentConfig } from "../../world/ecs/agentConfig";
import { block, isTrue, list, number, optionalNumber, strings, text, type DeclaredProgram, type Inputs } from "../read";
import type { Resource } from "../monitor";
import type { GroupSpec } from "../../world/autoScaling/groupSpec";
import { instanceTypesOf } from "./instanceTypes";
import type { Deployment, Reader } from "./reader";

const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const LIFECYCLE_HOOK = "aws:autoscaling/lifecycleHook:LifecycleHook";
export const TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING";

export const readGroup: Reader = (resource, deployment) => {
  const { world, facts } = deployment;
  const spec = groupSpec(resource, deployment);
  // A type that nobody knows is an error now, not at its first launch.
  for (const instanceType of spec.instanceTypes) facts(instanceType);
  for (const setting of agentConfig(spec.userData).undecided)
    deployment.notModelled(`group ${resource.name}: user data, taken as not set: ${setting}`);
  world.groups.set(spec.name, new Group(spec, world.context, world.ec2, world.bus, deployment.pools));
};

function groupSpec(resource: Resource, deployment: Deployment): GroupSpec {
  const { program, zoneOf } = deployment;
  const { inputs, outputs } = resource;
  const mixed = block(inputs.mixedInstancesPolicy);
  const template = templateOf(resource, program);
  return {
    name: text(outputs.name),
    arn: text(outputs.arn),
    minSize: number(inputs.minSize, 0),
    maxSize: number(inputs.maxSize, 0),
    desiredCapacity: optionalNumber(inputs.desiredCapacity),
    availabilityZones: zonesOf(inputs, zoneOf),
    instanceTypes: instanceTypesOf(resource, block(mixed.launchTemplate), template, deployment),
    ...distribution(inputs, block(mixed.instancesDistribution), template),
    balancedOnly: block(inputs.availabilityZoneDistribution).capacityDistributionStrategy === "balanced-only",
    capacityRebalance: isTrue(inputs.capacityRebalance),
    protectFromScaleIn: isTrue(inputs.protectFromScaleIn),
    terminationPolicies: list<string>(inputs.terminationPolicies),
    terminationHooks: terminationHooks(resource, program),
    suspendedProcesses: list<string>(inputs.suspendedProcesses),
    userData: Buffer.from(text(template.userData), "base64").toString("utf8"),
    launchTags: launchTags(inputs, template),
    tags: list(inputs.tags).map(({ key, value, propagateAtLaunch }) => {
      return { key: text(key), value: text(value), propagateAtLaunch: isTrue(propagateAtLaunch) };
    }),
  };
}

function zonesOf(inputs: Inputs, zoneOf: Deployment["zoneOf"]): string[] {
  const ofSubnets = list<string>(inputs.vpcZoneIdentifiers).map(zoneOf);
  return [...new Set(ofSubnets.length > 0 ? ofSubnets : list<string>(inputs.availabilityZones))];
}

/** AWS's default is all On-Demand above the base (semantics §5.4); without a mixed policy the template says. */
function distribution(inputs: Inputs, declared: Inputs, template: Inputs) {
  const byTemplate = isSpotTemplate(template) ? 0 : 100;
  return {
    onDemandBaseCapacity: number(declared.onDemandBaseCapacity, 0),
    onDemandPercentageAboveBaseCapacity:
      inputs.mixedInstancesPolicy === undefined
        ? byTemplate
        : number(declared.onDemandPercentageAboveBaseCapacity, 100),
    spotAllocationStrategy: text(declared.spotAllocationStrategy) || "lowest-price",
  };
}

/** Declared with the group, or as resources of their own; AWS's default result is ABANDON (semantics §5.6). */
function terminationHooks({ inputs, outputs }: Resource, program: DeclaredProgram): LifecycleHookSpec[] {
  const own = program.ofType(LIFECYCLE_HOOK).filter((hook) => hook.inputs.autoscalingGroupName === outputs.name);
  return [...list(inputs.initialLifecycleHooks), ...own.map((hook) => ({ ...hook.inputs, name: hook.outputs.name }))]
    .filter((hook: Inputs) => hook.lifecycleTransition === TERMINATING)
    .map((hook: Inputs) => ({
      name: text(hook.name),
      heartbeatMs: (optionalNumber(hook.heartbeatTimeout) ?? AUTO_SCALING.hookHeartbeatMs / 1000) * 1000,
      defaultResult: hook.defaultResult === "CONTINUE" ? "CONTINUE" : "ABANDON",
    }));
}

/** A mixed policy's launch template, or the group's own. */
function templateOf(resource: Resource, program: DeclaredProgram): Inputs {
  const mixed = block(block(block(resource.inputs.mixedInstancesPolicy).launchTemplate).launchTemplateSpecification);
  const own = block(resource.inputs.launchTemplate);
  const reference = mixed.launchTemplateId ?? mixed.launchTemplateName ?? own.id ?? own.name;
  return program.required(LAUNCH_TEMPLATE, reference, resource).inputs;
}

const isSpotTemplate = (template: Inputs): boolean => block(template.instanceMarketOptions).marketType === "spot";

function launchTags(inputs: Inputs, template: Inputs): Record<string, string> {
  const ofTemplate = list(template.tagSpecifications)
    .filter(({ resourceType }) => resourceType === "instance")
    .map(({ tags }) => strings(tags));
  const ofGroup = list(inputs.tags)
    .filter(({ propagateAtLaunch }) => isTrue(propagateAtLaunch))
    .map(({ key, value }) => [text(key), text(value)] as const);
  return { ...Object.assign({}, ...ofTemplate), ...Object.fromEntries(ofGroup) } as Record<string, string>;
}
