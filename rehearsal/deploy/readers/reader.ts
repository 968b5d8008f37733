import type { PoolRanking } from "../../world/autoScaling/groupSpec";
import type { InstanceFacts } from "../../world/ecs/cluster";
import type { Workload } from "../../world/ecs/taskLife";
import type { World } from "../../world/world";
import type { Resource } from "../monitor";
import type { DeclaredProgram } from "../read";

/** What fills the world from one resource type. */
export interface Deployment {
  readonly program: DeclaredProgram;
  readonly world: World;
  readonly facts: InstanceFacts;
  readonly pools: PoolRanking;
  readonly workload: Workload;
  /** The zone of a subnet, which no program declares for a subnet that is given by id. */
  readonly zoneOf: (subnetId: string) => string;
  /** Tells of something declared that the world doesn't do as AWS would. */
  readonly notModelled: (what: string) => void;
}

export type Reader = (resource: Resource, deployment: Deployment) => void;
