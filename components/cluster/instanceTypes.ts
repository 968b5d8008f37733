/**
 * The common instance types that Spotproof knows, and what must hold between the types of one cluster.
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html
 */
import { didYouMean, type Problem } from "../problems";

export type Architecture = "x86_64" | "arm64";

export interface InstanceType {
  readonly instanceType: string;
  readonly vcpu: number;
  readonly memoryMiB: number;
  readonly architecture: Architecture;
  /** T family: CPU credits. */
  readonly burstable: boolean;
}

const MIB_PER_GIB = 1024;

/** In each of these families the memory per vCPU is the same for all sizes below. */
const FAMILIES: readonly {
  names: readonly string[];
  architecture: Architecture;
  memoryGiBPerVcpu: number;
  burstable?: true;
}[] = [
  { names: ["m5", "m5a", "m6i", "m6a", "m7i", "m7a"], architecture: "x86_64", memoryGiBPerVcpu: 4 },
  { names: ["m6g", "m7g"], architecture: "arm64", memoryGiBPerVcpu: 4 },
  { names: ["c5", "c5a", "c6i", "c6a", "c7i", "c7a"], architecture: "x86_64", memoryGiBPerVcpu: 2 },
  { names: ["c6g", "c7g"], architecture: "arm64", memoryGiBPerVcpu: 2 },
  { names: ["r5", "r5a", "r6i", "r6a", "r7i", "r7a"], architecture: "x86_64", memoryGiBPerVcpu: 8 },
  { names: ["r6g", "r7g"], architecture: "arm64", memoryGiBPerVcpu: 8 },
  { names: ["t3", "t3a"], architecture: "x86_64", memoryGiBPerVcpu: 4, burstable: true },
  { names: ["t4g"], architecture: "arm64", memoryGiBPerVcpu: 4, burstable: true },
];

const VCPU_OF_SIZE = { large: 2, xlarge: 4, "2xlarge": 8 };

export const INSTANCE_TYPES: ReadonlyMap<string, InstanceType> = new Map(
  FAMILIES.flatMap(({ names, architecture, memoryGiBPerVcpu, burstable = false }) =>
    names.flatMap((family) =>
      Object.entries(VCPU_OF_SIZE).map(([size, vcpu]): [string, InstanceType] => {
        const instanceType = `${family}.${size}`;
        return [
          instanceType,
          { instanceType, vcpu, memoryMiB: vcpu * memoryGiBPerVcpu * MIB_PER_GIB, architecture, burstable },
        ];
      }),
    ),
  ),
);

/** Managed scaling reckons with the smallest type: past these ratios it launches far too much or too little.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-scaling-behavior.html */
export const LARGEST_VCPU_RATIO = 2;
export const LARGEST_MEMORY_RATIO = 4;

/** What is wrong with the types of one cluster: unknown, named twice, of two architectures, or of very different sizes. */
export function instanceTypesProblems(property: string, given: readonly string[]): Problem[] {
  const known = given.flatMap((each) => INSTANCE_TYPES.get(each) ?? []);
  return [
    ...unknownTypes(property, given),
    ...repeatedTypes(property, given),
    ...mixedArchitectures(property, known),
    ...unequalSizes(property, known),
  ];
}

function unknownTypes(property: string, given: readonly string[]): Problem[] {
  return given.flatMap((instanceType, index) => {
    if (INSTANCE_TYPES.has(instanceType)) return [];
    const change =
      didYouMean(instanceType, INSTANCE_TYPES.keys()) ?? "take one of these, or give instanceRequirements instead";
    return [
      {
        property: `${property}[${index}]`,
        given: instanceType,
        allowed: `large, xlarge or 2xlarge of ${familyNames()}`,
        change,
      },
    ];
  });
}

function familyNames(): string {
  return FAMILIES.flatMap(({ names }) => names).join(", ");
}

function repeatedTypes(property: string, given: readonly string[]): Problem[] {
  const repeated = given.filter((each, index) => given.indexOf(each) !== index);
  if (repeated.length === 0) return [];
  return [{ property, given: repeated, allowed: "each instance type once", change: "remove the repeated ones" }];
}

function mixedArchitectures(property: string, known: readonly InstanceType[]): Problem[] {
  const arm = known.filter(({ architecture }) => architecture === "arm64").map(({ instanceType }) => instanceType);
  const x86 = known.filter(({ architecture }) => architecture === "x86_64").map(({ instanceType }) => instanceType);
  if (arm.length === 0 || x86.length === 0) return [];
  const [fewer, architecture] = arm.length < x86.length ? [arm, "arm64"] : [x86, "x86_64"];
  return [
    {
      property,
      given: { arm64: arm, x86_64: x86 },
      allowed: "types of one architecture, because an image and an AMI run on one only",
      change: `remove the ${architecture} ones (${fewer.join(", ")})`,
    },
  ];
}

function unequalSizes(property: string, known: readonly InstanceType[]): Problem[] {
  return [
    ...unequal(property, known, "vCPU", LARGEST_VCPU_RATIO, ({ vcpu }) => vcpu),
    ...unequal(property, known, "MiB of memory", LARGEST_MEMORY_RATIO, ({ memoryMiB }) => memoryMiB),
  ];
}

function unequal(
  property: string,
  known: readonly InstanceType[],
  unit: string,
  ratio: number,
  sizeOf: (type: InstanceType) => number,
): Problem[] {
  const bySize = [...known].sort((a, b) => sizeOf(a) - sizeOf(b));
  const [smallest, largest] = [bySize[0], bySize.at(-1)];
  if (!smallest || !largest || sizeOf(largest) <= ratio * sizeOf(smallest)) return [];
  return [
    {
      property,
      given: {
        [smallest.instanceType]: `${sizeOf(smallest)} ${unit}`,
        [largest.instanceType]: `${sizeOf(largest)} ${unit}`,
      },
      allowed: `the largest at most ${ratio} times the smallest, because managed scaling reckons with the smallest type and would launch too many of the others`,
      change: `remove ${smallest.instanceType} or ${largest.instanceType}, or make a second cluster`,
    },
  ];
}

/** What every one of the types has at least; undefined where none is known. */
export function smallestOf(instanceTypes: readonly string[]): Pick<InstanceType, "vcpu" | "memoryMiB"> | undefined {
  const known = instanceTypes.flatMap((each) => INSTANCE_TYPES.get(each) ?? []);
  if (known.length === 0) return undefined;
  return {
    vcpu: Math.min(...known.map(({ vcpu }) => vcpu)),
    memoryMiB: Math.min(...known.map(({ memoryMiB }) => memoryMiB)),
  };
}
