/** ECS's operations on task scale-in protection. */
import type * as sdk from "@aws-sdk/client-ecs";
import { minutesProblem, PROTECTION_MINUTES, refusal } from "../../world/ecs/protection";
import type { Task } from "../../world/ecs/task";
import { dateOf } from "../../world/context";
import { atMost, type Operation } from "../operation";
import { arnsOf, BUCKETS, clusterOf, lookUp, missing, within } from "./common";

const DESCRIBE_LIMIT = 100;
const PROTECT_LIMIT = 10;
const MINUTE_MS = 60_000;

const updateTaskProtection: Operation<sdk.UpdateTaskProtectionCommandInput> = {
  requires: ["cluster", "tasks", "protectionEnabled"],
  limits: (input) =>
    atMost("tasks", PROTECT_LIMIT)(input) ?? minutesProblem(input.expiresInMinutes ?? PROTECTION_MINUTES.byDefault),
  bucket: BUCKETS.taskProtection,
  kind: "modify",
  request: (input, world) => {
    const cluster = clusterOf(input, world);
    const arns = arnsOf("task", input.tasks, cluster);
    return { action: "ecs:UpdateTaskProtection", resources: within(input, world, arns) };
  },
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const minutes = input.expiresInMinutes ?? PROTECTION_MINUTES.byDefault;
    const until = input.protectionEnabled === true ? world.clock.now + minutes * MINUTE_MS : undefined;
    const protectedTasks: sdk.ProtectedTask[] = [];
    const failures: sdk.Failure[] = [];
    for (const arn of arnsOf("task", input.tasks, cluster)) {
      const task = cluster.tasks.get(arn);
      const reason = task !== undefined && until !== undefined ? refusal(task) : undefined;
      if (task === undefined) failures.push(missing(arn));
      else if (reason !== undefined) failures.push({ arn, reason, detail: "a deployment waits for protected tasks" });
      else {
        cluster.protect(task, until);
        protectedTasks.push(stateOf(task, world.clock.now));
      }
    }
    return { protectedTasks, failures };
  },
};

const getTaskProtection: Operation<sdk.GetTaskProtectionCommandInput> = {
  requires: ["cluster"],
  limits: atMost("tasks", DESCRIBE_LIMIT),
  bucket: BUCKETS.taskProtection,
  kind: "read",
  request: (input, world) => {
    const cluster = clusterOf(input, world);
    const arns = arnsOf("task", input.tasks ?? ["*"], cluster);
    return { action: "ecs:GetTaskProtection", resources: within(input, world, arns) };
  },
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const { found, failures } = lookUp(arnsOf("task", input.tasks ?? [...cluster.tasks.keys()], cluster), (arn) => {
      const task = cluster.tasks.get(arn);
      return task && stateOf(task, world.clock.now);
    });
    return { protectedTasks: found, failures };
  },
};

function stateOf({ arn, protectedUntil }: Task, now: number): sdk.ProtectedTask {
  const isProtected = (protectedUntil ?? 0) > now;
  return {
    taskArn: arn,
    protectionEnabled: isProtected,
    expirationDate: isProtected ? dateOf(protectedUntil!) : undefined,
  };
}

export const protection: Readonly<Record<string, Operation>> = {
  UpdateTaskProtection: updateTaskProtection,
  GetTaskProtection: getTaskProtection,
};
