/** A cluster's instances by attributes instead of by type. */
import type * as aws from "@pulumi/aws";
import { LARGEST_MEMORY_RATIO, LARGEST_VCPU_RATIO, type Architecture } from "./instanceTypes";
import { rangeProblems, type Problem } from "../problems";

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/create-mixed-instances-group-attribute-based-instance-type-selection.html */
export interface InstanceRequirements {
  readonly vcpuCount: Range;
  readonly memoryMiB: Range;
  /** @default "excluded" */
  readonly burstablePerformance?: "included" | "required" | "excluded";
  /** Types or patterns, e.g. `m5.8*`. @default none */
  readonly excludedInstanceTypes?: readonly string[];
}

const CPU_MANUFACTURERS: Record<Architecture, string[]> = { x86_64: ["intel", "amd"], arm64: ["amazon-web-services"] };

export function overrideRequirements(
  { vcpuCount, memoryMiB, burstablePerformance, excludedInstanceTypes }: InstanceRequirements,
  architecture: Architecture,
): aws.types.input.autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideInstanceRequirements {
  return {
    vcpuCount: { ...vcpuCount },
    memoryMib: { ...memoryMiB },
    cpuManufacturers: CPU_MANUFACTURERS[architecture],
    instanceGenerations: ["current"],
    burstablePerformance: burstablePerformance ?? "excluded",
    excludedInstanceTypes: excludedInstanceTypes && [...excludedInstanceTypes],
  };
}

export function instanceRequirementsProblems(
  property: string,
  { vcpuCount, memoryMiB }: InstanceRequirements,
): Problem[] {
  return [
    ...spreadProblems(`${property}.vcpuCount`, vcpuCount, LARGEST_VCPU_RATIO),
    ...spreadProblems(`${property}.memoryMiB`, memoryMiB, LARGEST_MEMORY_RATIO),
  ];
}

function spreadProblems(property: string, range: Range, ratio: number): Problem[] {
  const problems = rangeProblems(`${property}.min`, range.min, 1, range.max);
  if (problems.length > 0 || range.max <= ratio * range.min) return problems;
  const allowed = `max at most ${ratio} times min, because managed scaling reckons with the smallest instance and would launch too many of the others`;
  return [
    {
      property,
      given: range,
      allowed,
      change: `lower max to ${ratio * range.min} or raise min to ${Math.ceil(range.max / ratio)}`,
    },
  ];
}
