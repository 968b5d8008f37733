/** What a task of a service takes, web or worker, and what it takes where nothing is given. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Image, ImageTransforms } from "./imageArgs";
import type { Statement } from "../roles";
import type { Transform } from "../transform";

export const DEPENDENCY_CONDITIONS = ["START", "COMPLETE", "SUCCESS", "HEALTHY"] as const;
export type DependencyCondition = (typeof DEPENDENCY_CONDITIONS)[number];

export const CPU_ARCHITECTURES = { x86_64: "X86_64", arm64: "ARM64" } as const;
export type CpuArchitecture = (typeof CPU_ARCHITECTURES)[keyof typeof CPU_ARCHITECTURES];

/** A command that is run in the container. @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
export interface ContainerHealthCheck {
  /** Begins with CMD or CMD-SHELL, e.g. `["CMD-SHELL", "curl -f http://localhost:3000/ || exit 1"]`. */
  readonly command: readonly string[];
  /** 5 to 300. @default 30 */
  readonly intervalSeconds?: number;
  /** 2 to 60. @default 5 */
  readonly timeoutSeconds?: number;
  /** Failures in a row, 1 to 10, after which the container is unhealthy. @default 3 */
  readonly retries?: number;
  /** 0 to 300, in which failures don't count. @default 0 */
  readonly startPeriodSeconds?: number;
}

/** What the main container and its sidecars have alike. */
export interface ContainerArgs {
  /** Memory that is reserved for the container. */
  memoryReservationMiB: number;
  /** Memory past which the container is killed. @default none */
  memoryMiB?: number;
  /** Replaces the image's command. @default the image's */
  command?: pulumi.Input<string>[];
  /** Replaces the image's entry point. @default the image's */
  entryPoint?: pulumi.Input<string>[];
  /** Environment variables. @default none */
  environment?: Record<string, pulumi.Input<string>>;
  /**
   * Environment variables from Secrets Manager or Parameter Store, by ARN. That of a secret may go on with
   * `:json-key:version-stage:version-id`, each of which may be empty. @default none
   */
  secrets?: Record<string, pulumi.Input<string>>;
  /** Secret with the user name and password of the image's registry. @default none */
  repositoryCredentialsSecretArn?: pulumi.Input<string>;
  /** Containers of the task that have to be so far before this one starts; it is stopped before them. @default none */
  dependsOn?: Record<string, DependencyCondition>;
  /** Containers of the task that it reaches under their names; they start before it and stop after it. @default none */
  links?: string[];
}

/** A container that runs beside the main one in every task. */
export interface Sidecar extends ContainerArgs {
  /** Image reference, pinned by digest or version. */
  image: pulumi.Input<string>;
  /** CPU units. @default 0: what the others leave */
  cpu?: number;
  /** Whether the task stops when it does. @default true */
  essential?: boolean;
  /** @default none */
  healthCheck?: ContainerHealthCheck;
  /** Port on which it can be reached from outside, on a dynamic host port. @default none */
  containerPort?: number;
  /** Between SIGTERM and SIGKILL. @default 5 */
  stopTimeoutSeconds?: number;
}

export interface TaskArgs extends ContainerArgs {
  /** Image reference, pinned by digest or version; or a folder to build it from. */
  image: Image;
  /** Whether an image must be pinned. @default whether the stack's name begins with "prod" */
  production?: boolean;
  /** Whether an image may be `latest`, or have no tag. @default whether this is no production */
  allowLatest?: boolean;
  /** CPU units: 1024 are a vCPU. */
  cpu: number;
  /** What the image is made for; the cluster's instances have to have it. @default that of the cluster's instances */
  cpuArchitecture?: CpuArchitecture;
  /** Beside the load balancer's check. @default none */
  containerHealthCheck?: ContainerHealthCheck;
  /** By their names. @default none */
  sidecars?: Record<string, Sidecar>;
  /** Between SIGTERM and SIGKILL. @default the cluster's, less what sidecars take that stop before or after it */
  stopTimeoutSeconds?: number;
  /** KMS keys of the secrets, where they aren't encrypted by AWS's own. @default none */
  secretsKmsKeyArns?: pulumi.Input<string>[];
  /** What the containers may do in AWS; more can be attached to `task.taskRole`. @default nothing */
  taskPolicy?: Statement[];
  /** Whether the containers protect their tasks from scale-in while they work, and so may do that. @default false */
  protectsWork?: boolean;
  /** Days. @default 30 */
  logRetentionDays?: number;
}

export interface TaskTransforms extends ImageTransforms {
  taskDefinition?: Transform<aws.ecs.TaskDefinitionArgs>;
  /** All containers, the main one first, before they become the definition's JSON. */
  containerDefinitions?: Transform<aws.ecs.ContainerDefinition[]>;
  logGroup?: Transform<aws.cloudwatch.LogGroupArgs>;
  taskRole?: Transform<aws.iam.RoleArgs>;
  executionRole?: Transform<aws.iam.RoleArgs>;
}

export const SIDECAR_DEFAULTS = { cpu: 0, essential: true, stopTimeoutSeconds: 5 };

export const TASK_DEFAULTS = { protectsWork: false, logRetentionDays: 30 };
