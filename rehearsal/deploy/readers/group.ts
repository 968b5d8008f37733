import { Group } from "../../world/autoScaling/group";
import { block, isTrue, list, number, optionalNumber, strings, text, type DeclaredProgram, type Inputs } from "../read";
import type { Resource } from "../monitor";
import type { Reader } from "./reader";

const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

export const readGroup: Reader = (resource, deployment) => {
  const { world, program, pools, zoneOf } = deployment;
  const { inputs, outputs } = resource;
  const mixed = block(inputs.mixedInstancesPolicy);
  const distribution = block(mixed.instancesDistribution);
  const template = templateOf(resource, program);
  const hasMixed = inputs.mixedInstancesPolicy !== undefined;
  const spec = {
    name: text(outputs.name),
    arn: text(outputs.arn),
    minSize: number(inputs.minSize, 0),
    maxSize: number(inputs.maxSize, 0),
    desiredCapacity: optionalNumber(inputs.desiredCapacity),
    availabilityZones: [...new Set(list<string>(inputs.vpcZoneIdentifiers).map(zoneOf))],
    instanceTypes: instanceTypes(block(mixed.launchTemplate), template),
    onDemandBaseCapacity: number(distribution.onDemandBaseCapacity, 0),
    // AWS's default is all On-Demand above the base (semantics §5.4); without a mixed policy the template says.
    onDemandPercentageAboveBaseCapacity: hasMixed
      ? number(distribution.onDemandPercentageAboveBaseCapacity, 100)
      : isSpotTemplate(template)
        ? 0
        : 100,
    spotAllocationStrategy: text(distribution.spotAllocationStrategy) || "lowest-price",
    capacityRebalance: isTrue(inputs.capacityRebalance),
    protectFromScaleIn: isTrue(inputs.protectFromScaleIn),
    terminationPolicies: list<string>(inputs.terminationPolicies),
    userData: Buffer.from(text(template.userData), "base64").toString("utf8"),
    launchTags: launchTags(inputs, template),
  };
  world.groups.set(spec.name, new Group(spec, world.context, world.ec2, world.bus, pools));
};

/** A mixed policy's launch template, or the group's own. */
function templateOf(resource: Resource, program: DeclaredProgram): Inputs {
  const mixed = block(block(block(resource.inputs.mixedInstancesPolicy).launchTemplate).launchTemplateSpecification);
  const own = block(resource.inputs.launchTemplate);
  const reference = mixed.launchTemplateId ?? mixed.launchTemplateName ?? own.id ?? own.name;
  return program.required(LAUNCH_TEMPLATE, reference, resource).inputs;
}

const isSpotTemplate = (template: Inputs): boolean => block(template.instanceMarketOptions).marketType === "spot";

function instanceTypes(mixedTemplate: Inputs, template: Inputs): string[] {
  const overrides = list(mixedTemplate.overrides).flatMap(({ instanceType }) =>
    instanceType === undefined ? [] : [text(instanceType)],
  );
  return overrides.length > 0 ? overrides : [text(template.instanceType) || "m5.large"];
}

function launchTags(inputs: Inputs, template: Inputs): Record<string, string> {
  const ofTemplate = list(template.tagSpecifications)
    .filter(({ resourceType }) => resourceType === "instance")
    .map(({ tags }) => strings(tags));
  const ofGroup = list(inputs.tags)
    .filter(({ propagateAtLaunch }) => isTrue(propagateAtLaunch))
    .map(({ key, value }) => [text(key), text(value)] as const);
  return { ...Object.assign({}, ...ofTemplate), ...Object.fromEntries(ofGroup) } as Record<string, string>;
}
