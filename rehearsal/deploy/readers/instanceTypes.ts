/** The instance types that a group may launch: named, or chosen by what they have, as attribute-based selection does. */
import { INSTANCE_TYPES, type Architecture, type InstanceType } from "../../../components/cluster/instanceTypes";
import { InputError } from "../../inputs/inputError";
import type { Resource } from "../monitor";
import { block, list, optionalNumber, text, type Inputs } from "../read";
import type { Deployment } from "./reader";

type Fits = (type: InstanceType, wanted: unknown, template: Inputs) => boolean;

const MIB_PER_GIB = 1024;

/** Every type here is of the current generation, and none has accelerators, disks of its own or bare metal. */
const ATTRIBUTES: Readonly<Record<string, Fits>> = {
  vcpuCount: ({ vcpu }, wanted) => isWithin(vcpu, wanted),
  memoryMib: ({ memoryMiB }, wanted) => isWithin(memoryMiB, wanted),
  memoryGibPerVcpu: ({ vcpu, memoryMiB }, wanted) => isWithin(memoryMiB / MIB_PER_GIB / vcpu, wanted),
  // An image runs on one architecture: without manufacturers, the AMI's name is all that tells which.
  cpuManufacturers: (type, wanted, template) =>
    list<string>(wanted).length === 0
      ? type.architecture === architectureOf(template)
      : list<string>(wanted).includes(manufacturerOf(type)),
  // AWS leaves burstable types out, unless asked for them.
  burstablePerformance: ({ burstable }, wanted = "excluded") =>
    wanted === "included" || burstable === (wanted === "required"),
  excludedInstanceTypes: ({ instanceType }, wanted) => !matchesAny(instanceType, wanted),
  allowedInstanceTypes: ({ instanceType }, wanted) => list(wanted).length === 0 || matchesAny(instanceType, wanted),
  instanceGenerations: (_, wanted) => list<string>(wanted).length === 0 || list<string>(wanted).includes("current"),
  acceleratorCount: (_, wanted) => isWithin(0, wanted),
  bareMetal: (_, wanted) => wanted !== "required",
  localStorage: (_, wanted) => wanted !== "required",
};

/**
 * In the order of the overrides; those chosen by requirements sorted by name.
 * @throws InputError where requirements match no type that is known here
 */
export function instanceTypesOf(
  resource: Resource,
  mixedTemplate: Inputs,
  template: Inputs,
  deployment: Deployment,
): readonly string[] {
  const overrides = list(mixedTemplate.overrides);
  const named = overrides.flatMap((override) => typesOf(override, resource, template, deployment));
  const types = named.length > 0 ? named : typesOf(template, resource, template, deployment);
  if (types.length > 0) return [...new Set(types)];
  throw new InputError("Program", [
    {
      where: `group ${resource.name}`,
      given: "no instance type and no instance requirements",
      allowed: "one of them, in its mixed instances policy's overrides or in its launch template",
      fix: "name an instance type",
    },
  ]);
}

function typesOf(source: Inputs, resource: Resource, template: Inputs, { notModelled }: Deployment): readonly string[] {
  if (source.instanceType !== undefined) return [text(source.instanceType)];
  const requirements = block(source.instanceRequirements);
  const given = Object.entries(requirements).filter(([, value]) => value !== undefined && value !== null);
  if (given.length === 0) return [];
  for (const [attribute] of given) {
    if (!(attribute in ATTRIBUTES)) notModelled(`group ${resource.name}: instanceRequirements.${attribute}`);
  }
  const matching = [...INSTANCE_TYPES.values()].filter((type) =>
    Object.entries(ATTRIBUTES).every(([attribute, fits]) => fits(type, requirements[attribute] ?? undefined, template)),
  );
  if (matching.length === 0) throw noneMatches(resource, requirements);
  return matching.map(({ instanceType }) => instanceType).sort();
}

function noneMatches({ name }: Resource, requirements: Inputs): InputError {
  return new InputError("Program", [
    {
      where: `group ${name}, instanceRequirements`,
      given: JSON.stringify(requirements),
      allowed: `what at least one of these types has: ${[...INSTANCE_TYPES.keys()].sort().join(", ")}`,
      fix: "widen the requirements, or add the type to components/cluster/instanceTypes.ts",
    },
  ]);
}

function isWithin(value: number, range: unknown): boolean {
  const { min, max } = block(range);
  return value >= (optionalNumber(min) ?? 0) && value <= (optionalNumber(max) ?? Infinity);
}

/** AMD's families end in `a`. */
function manufacturerOf({ instanceType, architecture }: InstanceType): string {
  if (architecture === "arm64") return "amazon-web-services";
  return instanceType.split(".")[0]!.endsWith("a") ? "amd" : "intel";
}

const architectureOf = ({ imageId }: Inputs): Architecture =>
  /arm64|aarch64/.test(text(imageId)) ? "arm64" : "x86_64";

/** Types or patterns, such as `m5.8*` or `r*`. */
function matchesAny(instanceType: string, patterns: unknown): boolean {
  return list<string>(patterns).some((pattern) => {
    const parts = pattern.split("*").map((part) => part.replaceAll(".", "\\."));
    return new RegExp(`^${parts.join(".*")}$`).test(instanceType);
  });
}
