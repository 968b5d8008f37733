/**
 * Task protection through the ECS agent's endpoint, which calls ECS with the task's role.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
 */
import { httpJson, type HttpAnswer } from "./httpJson";
import { kindOfStatus, ProtectionError, protectionErrorOf } from "./protectionError";
import { backgroundTimers } from "./realTimers";
import type { Timers } from "./timers";
import type { Protection, TaskProtection } from "./taskProtection";

/** The agent itself gives ECS 4 s. */
const TIMEOUT_MS = 5000;

export interface AgentProtectionOptions {
  /** Where the agent's API is. @default the environment's ECS_AGENT_URI */
  readonly agentUri?: string;
  /** Milliseconds until a call without an answer fails. @default 5000: the agent itself gives ECS 4 s */
  readonly timeoutMs?: number;
  /** @default the machine's clock */
  readonly timers?: Timers;
}

/** Its calls reject with a `ProtectionError`, also where there is no agent: then the work goes on unprotected. */
export function agentProtection(options: AgentProtectionOptions = {}): TaskProtection {
  const { timeoutMs = TIMEOUT_MS, timers = backgroundTimers } = options;
  const call = async (method: "GET" | "PUT", send?: unknown): Promise<Protection> => {
    const agentUri = options.agentUri ?? process.env.ECS_AGENT_URI ?? "";
    if (agentUri === "") throw new ProtectionError("notOnEcs", "ECS_AGENT_URI is not set");
    const url = `${agentUri}/task-protection/v1/state`;
    const answer = await httpJson(url, { method, send }, timeoutMs, timers).catch((error: unknown) => {
      throw new ProtectionError("unreachable", `the ECS agent at ${agentUri}: ${String(error)}`, { cause: error });
    });
    return readAnswer(answer);
  };
  return {
    get: () => call("GET"),
    set: (enabled, expiresInMinutes) =>
      call("PUT", { ProtectionEnabled: enabled, ...(enabled && { ExpiresInMinutes: expiresInMinutes }) }),
  };
}

/** The three shapes of the agent's answer; each has exactly one of them. */
interface AgentAnswer {
  readonly protection?: { readonly ProtectionEnabled?: boolean; readonly ExpirationDate?: string | null };
  readonly failure?: { readonly Reason?: string; readonly Detail?: string };
  readonly error?: { readonly Code?: string; readonly Message?: string };
}

function readAnswer({ status, body }: HttpAnswer): Protection {
  const { protection, failure, error } = parse(body);
  if (error !== undefined) throw errorOf(status, error);
  if (failure !== undefined) throw failureOf(failure);
  if (status === 404) throw new ProtectionError("agentTooOld", "the ECS agent answered 404");
  const enabled = protection?.ProtectionEnabled;
  if (status !== 200 || typeof enabled !== "boolean") {
    const kind = status === 200 ? "failing" : kindOfStatus(status);
    throw new ProtectionError(kind, `the ECS agent answered ${status}: ${body.slice(0, 200)}`);
  }
  const expiresAt = Date.parse(protection?.ExpirationDate ?? "");
  return Number.isNaN(expiresAt) ? { enabled } : { enabled, expiresAt };
}

function failureOf({ Reason = "failure without a reason", Detail = "" }: NonNullable<AgentAnswer["failure"]>) {
  return protectionErrorOf(Reason, Detail);
}

/** The agent answers 403 by itself where it has no credentials for the task; who has some is told what isn't allowed. */
function errorOf(status: number, { Code = "error without a code", Message = "" }: NonNullable<AgentAnswer["error"]>) {
  if (status === 403 && !Message.includes("not authorized"))
    return new ProtectionError("noTaskRole", `${Code}: ${Message}`);
  return protectionErrorOf(Code, Message, status);
}

function parse(body: string): AgentAnswer {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
