/** Task scale-in protection as ECS gives it. @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html */
import type { Bucket } from "../throttles";
import type { Service } from "./service";
import type { Task } from "./task";

/** BOTO UpdateTaskProtection: 1 to 2,880 minutes, 120 unless given; each call sets the expiry anew. */
export const PROTECTION_MINUTES = { byDefault: 120, least: 1, most: 2880 } as const;

/** ECS developer guide, request-throttling; a container's calls and a function's come from the same bucket. */
export const TASK_PROTECTION: Bucket = { name: "ecs task protection", burst: 200, refillPerSecond: 80 };

export function minutesProblem(minutes: number): string | undefined {
  const { least, most } = PROTECTION_MINUTES;
  const isRight = Number.isInteger(minutes) && minutes >= least && minutes <= most;
  return isRight ? undefined : `expiresInMinutes is ${minutes}: ${least} to ${most}`;
}

/** Why ECS refuses to protect a task: a deployment waits, and more tasks would be protected than the service should have. */
export function refusal(task: Task): "DEPLOYMENT_BLOCKED" | undefined {
  const { service } = task;
  if (!service.deploymentInProgress) return undefined;
  return shielded(service, task) + 1 > service.desiredCount ? "DEPLOYMENT_BLOCKED" : undefined;
}

function shielded(service: Service, except: Task): number {
  let count = 0;
  for (const task of service.tasks) if (task !== except && service.isShielded(task)) count++;
  return count;
}
