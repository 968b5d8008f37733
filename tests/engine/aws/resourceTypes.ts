import type { ResourceType } from "./resourceType";
import { COMPUTE_TYPES } from "./types/compute";
import { ECS_TYPES } from "./types/ecs";
import { ELB_TYPES } from "./types/elb";
import { EVENT_TYPES } from "./types/events";
import { IAM_TYPES } from "./types/iam";
import { SCALING_TYPES } from "./types/scaling";
import { VPC_TYPES } from "./types/vpc";

export const RESOURCE_TYPES: ReadonlyMap<string, ResourceType> = new Map(
  [...COMPUTE_TYPES, ...ECS_TYPES, ...ELB_TYPES, ...EVENT_TYPES, ...IAM_TYPES, ...SCALING_TYPES, ...VPC_TYPES].map(
    (spec) => [spec.type, spec],
  ),
);
