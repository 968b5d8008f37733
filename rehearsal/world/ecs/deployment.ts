/** One deployment of a service, as ECS keeps it: which task definition it brings, and how far it has come. */
import type { TaskDefinitionSpec } from "./spec";

export type RolloutState = "IN_PROGRESS" | "COMPLETED" | "FAILED";

/** What goes wrong with every task of a deployment: it doesn't reach RUNNING, or it runs and never passes a health check. */
export type DeploymentFault = "start" | "health";

export interface Deployment {
  readonly id: string;
  readonly taskDefinition: TaskDefinitionSpec;
  readonly fails: DeploymentFault | undefined;
  readonly createdAt: number;
  updatedAt: number;
  state: RolloutState;
  reason: string;
  /** A task of it came to RUNNING: the circuit breaker looks at health checks from now on, no longer at starts. */
  hasRun: boolean;
  /** Tasks that the circuit breaker counts as failed. */
  failedTasks: number;
  /** Tasks of an older deployment that ended without having been replaced: they come again from their own revision. */
  lost: number;
}

/** How many failed tasks fail a deployment. @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html */
export function failureThreshold(desiredCount: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desiredCount * 0.5)));
}

/** The next revision of a task definition; it brings images that no instance has yet. */
export function nextRevision(taskDefinition: TaskDefinitionSpec): TaskDefinitionSpec {
  const [, base = taskDefinition.arn, revision = "1"] = /^(.*):(\d+)$/.exec(taskDefinition.arn) ?? [];
  const next = Number(revision) + 1;
  return {
    ...taskDefinition,
    arn: `${base}:${next}`,
    containers: taskDefinition.containers.map((each) => ({
      ...each,
      image: `${imageOf(each.image)}@revision-${next}`,
    })),
  };
}

const imageOf = (image: string): string => image.replace(/@revision-\d+$/, "");
