/**
 * The ECS agent's task protection endpoint, as a container reaches it: `$ECS_AGENT_URI/task-protection/v1/state`. The agent asks
 * ECS with the task's own role and gives up after four seconds. A container that is no more gets no answer.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
 */
import { between, type Context } from "../context";
import { API, ECS, EPOCH_MS } from "../constants";
import { isAllowed } from "../iam";
import type { Cluster } from "./cluster";
import { minutesProblem, PROTECTION_MINUTES, refusal, TASK_PROTECTION } from "./protection";
import type { Task } from "./task";

/** Protection as ECS keeps it; `expiresAt` in milliseconds since the epoch. */
export interface AgentAnswer {
  readonly enabled: boolean;
  readonly expiresAt?: number;
}

/** What the agent answers instead: its `failure` or `error`, by reason or code. */
export class AgentError extends Error {
  override readonly name = "AgentError";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

type Reply = AgentAnswer | AgentError;

export class AgentProtection {
  constructor(
    private readonly cluster: Cluster,
    private readonly task: Task,
    private readonly context: Context,
  ) {}

  get(): Promise<AgentAnswer> {
    return this.call("ecs:GetTaskProtection", () => this.state());
  }

  set(enabled: boolean, expiresInMinutes: number = PROTECTION_MINUTES.byDefault): Promise<AgentAnswer> {
    return this.call("ecs:UpdateTaskProtection", () => this.update(enabled, expiresInMinutes));
  }

  private update(enabled: boolean, minutes: number): Reply {
    const { cluster, task, context } = this;
    const problem = minutesProblem(minutes);
    if (problem !== undefined) return new AgentError("InvalidParameterException", problem);
    const refused = enabled ? refusal(task) : undefined;
    if (refused !== undefined) return new AgentError(refused, "a deployment waits for protected tasks");
    const until = enabled ? context.clock.now + minutes * MINUTE_MS : undefined;
    task.ownProtectionUntil = until;
    cluster.protect(task, until);
    return this.state();
  }

  private state(): AgentAnswer {
    const { protectedUntil = 0, service } = this.task;
    return service.isShielded(this.task) ? { enabled: true, expiresAt: EPOCH_MS + protectedUntil } : { enabled: false };
  }

  /** To ECS and back; what fails on the way is seen when the agent gives up. */
  private call(action: string, atEcs: () => Reply): Promise<AgentAnswer> {
    const { clock } = this.context;
    return new Promise((resolve, reject) => {
      const whole = between(this.context.random("ecs/agent"), API.latencyMs);
      const there = Math.floor(whole / 2);
      const answer = (reply: Reply, afterMs: number): void => {
        clock.after(afterMs, () => {
          if (!this.isAlive) return;
          clock.handlersWoken = true;
          if (reply instanceof AgentError) reject(reply);
          else resolve(reply);
        });
      };
      clock.after(there, () => {
        if (!this.isAlive) return;
        const fault = this.cluster.faults.call();
        if (fault === "failed")
          answer(new AgentError("RequestCanceled", "no answer from ECS"), ECS.agentTimeoutMs - there);
        else answer(fault === "throttled" ? throttled() : this.reply(action, atEcs), whole - there);
      });
    });
  }

  private reply(action: string, atEcs: () => Reply): Reply {
    const { cluster, task, context } = this;
    const { taskRole } = task.taskDefinition;
    if (taskRole === undefined) return new AgentError("AccessDeniedException", "the task definition has no task role");
    const resources = [{ arn: task.arn, context: { "ecs:cluster": cluster.spec.arn } }];
    if (!isAllowed(taskRole, { action, resources })) {
      return new AgentError("AccessDeniedException", `the task role doesn't allow ${action} on ${task.arn}`);
    }
    if (!context.throttles.take(TASK_PROTECTION)) return throttled();
    return task.lastStatus === "STOPPED" ? new AgentError("MISSING", "the task is stopped") : atEcs();
  }

  private get isAlive(): boolean {
    return this.task.process !== "exited";
  }
}

const MINUTE_MS = 60_000;

const throttled = (): AgentError => new AgentError("ThrottlingException", "Rate exceeded");
