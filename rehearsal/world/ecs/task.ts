import type { ContainerInstance } from "./containerInstance";
import type { Service } from "./service";
import type { TaskDefinitionSpec } from "./spec";

export type TaskStatus = "PROVISIONING" | "PENDING" | "RUNNING" | "DEACTIVATING" | "STOPPING" | "STOPPED";

/** The process behind the task, which ECS only hears of. */
export type Process = "none" | "starting" | "serving" | "terminating" | "exited";

export interface PortBinding {
  readonly containerName: string;
  readonly containerPort: number;
  readonly hostPort: number;
}

export interface Task {
  readonly arn: string;
  readonly taskDefinition: TaskDefinitionSpec;
  readonly service: Service;
  /** Which deployment of its service it belongs to. */
  readonly deployment: number;
  readonly createdAt: number;
  lastStatus: TaskStatus;
  desiredStatus: "RUNNING" | "STOPPED";
  instance: ContainerInstance | undefined;
  ports: readonly PortBinding[];
  process: Process;
  runningAt: number | undefined;
  stopCode: string | undefined;
  stoppedReason: string | undefined;
  /** Until when scale-in protection lasts; undefined: not protected. */
  protectedUntil: number | undefined;
}

export const isActive = (task: Task): boolean => task.desiredStatus === "RUNNING" && task.lastStatus !== "STOPPED";

/** Why a container's process is no more. */
export type Exit = "finished" | "killed" | "hostLost";
