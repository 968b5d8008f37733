import type { ContainerInstance } from "./containerInstance";
import type { Deployment } from "./deployment";
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

/** Why the scheduler stops a task. */
export type StopCause = "scaleIn" | "deployment" | "draining" | "unhealthy" | "zoneRebalancing";

export interface Task {
  readonly arn: string;
  readonly taskDefinition: TaskDefinitionSpec;
  readonly service: Service;
  /** Which deployment of its service it belongs to. */
  readonly deployment: Deployment;
  /** Brought back from its own revision while a newer deployment replaces that. */
  readonly isAgain: boolean;
  /** Whose capacity it was given; undefined where its service uses no capacity provider. */
  readonly capacityProvider: string | undefined;
  readonly createdAt: number;
  lastStatus: TaskStatus;
  desiredStatus: "RUNNING" | "STOPPED";
  instance: ContainerInstance | undefined;
  ports: readonly PortBinding[];
  process: Process;
  runningAt: number | undefined;
  stopCode: string | undefined;
  /** The function whose StopTask it was. */
  stoppedBy: string | undefined;
  stoppedReason: string | undefined;
  /** Undefined where it wasn't the scheduler that stopped it. */
  stopCause: StopCause | undefined;
  /** Until when scale-in protection lasts; undefined: not protected. */
  protectedUntil: number | undefined;
  /** Until when its own container asked for protection, whoever has changed it since. */
  ownProtectionUntil: number | undefined;
  /** Replaced as a whole when one changes. */
  tags: Readonly<Record<string, string>>;
}

export const isActive = (task: Task): boolean => task.desiredStatus === "RUNNING" && task.lastStatus !== "STOPPED";

/** Why a container's process is no more. */
export type Exit = "finished" | "killed" | "hostLost";
