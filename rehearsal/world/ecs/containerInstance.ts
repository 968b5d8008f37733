import { ECS } from "../constants";
import type { Instance } from "../ec2/instance";
import type { AgentConfig } from "./agentConfig";
import type { TaskDefinitionSpec } from "./spec";
import type { Task } from "./task";

export type ContainerInstanceStatus = "ACTIVE" | "DRAINING" | "INACTIVE";

export interface ContainerInstance {
  readonly arn: string;
  readonly ec2: Instance;
  readonly agent: AgentConfig;
  readonly capacityProvider: string | undefined;
  readonly registeredCpu: number;
  readonly registeredMemoryMiB: number;
  readonly registeredAt: number;
  status: ContainerInstanceStatus;
  agentConnected: boolean;
  /** What ECS counts as placed on it, stopped tasks not included. */
  readonly tasks: Set<Task>;
  usedCpu: number;
  usedMemoryMiB: number;
  nextHostPort: number;
  /** When each image is there, from its first pull on. */
  readonly images: Map<string, number>;
  /** Replaced as a whole when one changes. */
  tags: Readonly<Record<string, string>>;
}

export const canPlaceOn = (instance: ContainerInstance): boolean =>
  instance.status === "ACTIVE" && instance.agentConnected;

/** CPU units and MiB that the agent registers of an instance type's. */
export function registered(
  { vcpu, memoryMiB }: { readonly vcpu: number; readonly memoryMiB: number },
  reservedMemoryMiB = 0,
): { cpu: number; memoryMiB: number } {
  return { cpu: vcpu * 1024, memoryMiB: Math.floor(memoryMiB * ECS.registeredMemory) - reservedMemoryMiB };
}

/** How long an instance takes to have a task's images: the first pull of each, together with whoever waits for it already. */
export function pullImages({ images }: ContainerInstance, { containers }: TaskDefinitionSpec, now: number): number {
  const waits = containers.map(({ image }) => {
    const thereAt = images.get(image) ?? now + ECS.imagePullMs;
    images.set(image, thereAt);
    return thereAt - now;
  });
  return Math.max(0, ...waits);
}
