import type { ResourceType } from "./resourceType";
import { ALARM_TYPES } from "./types/alarms";
import { COMPUTE_TYPES } from "./types/compute";
import { DOMAIN_TYPES } from "./types/domains";
import { ECS_TYPES } from "./types/ecs";
import { ELB_TYPES } from "./types/elb";
import { ELB_RULE_TYPES } from "./types/elbRules";
import { EVENT_TYPES } from "./types/events";
import { IAM_TYPES } from "./types/iam";
import { QUEUE_TYPES } from "./types/queues";
import { SCALING_TYPES } from "./types/scaling";
import { STORAGE_TYPES } from "./types/storage";
import { VPC_TYPES } from "./types/vpc";

const ALL = [
  ALARM_TYPES,
  COMPUTE_TYPES,
  DOMAIN_TYPES,
  ECS_TYPES,
  ELB_TYPES,
  ELB_RULE_TYPES,
  EVENT_TYPES,
  IAM_TYPES,
  QUEUE_TYPES,
  SCALING_TYPES,
  STORAGE_TYPES,
  VPC_TYPES,
];

export const RESOURCE_TYPES: ReadonlyMap<string, ResourceType> = new Map(ALL.flat().map((spec) => [spec.type, spec]));
