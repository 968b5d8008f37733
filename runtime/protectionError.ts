/**
 * Why a task's protection couldn't be read or set:
 *
 * - `notOnEcs`: there is no ECS agent to ask
 * - `agentTooOld`: the agent doesn't know task protection
 * - `noTaskRole`: the task has no role for the agent to call with
 * - `forbidden`: the role doesn't allow the call
 * - `blocked`: a deployment waits, and more tasks would be protected than are desired
 * - `notInService`: the task belongs to no service
 * - `throttled`, `unreachable`, `failing`: it may work a moment later
 * - `refused`: anything else
 */
export type ProtectionErrorKind =
  | "notOnEcs"
  | "agentTooOld"
  | "noTaskRole"
  | "forbidden"
  | "blocked"
  | "notInService"
  | "throttled"
  | "unreachable"
  | "failing"
  | "refused";

export class ProtectionError extends Error {
  override readonly name = "ProtectionError";

  constructor(
    readonly kind: ProtectionErrorKind,
    given: string,
    options?: ErrorOptions,
  ) {
    super(`Task protection: ${given}. ${REMEDIES[kind]}`, options);
  }

  /** Whether the task's protection certainly is what it was before. */
  get changedNothing(): boolean {
    return this.kind !== "unreachable" && this.kind !== "failing";
  }
}

const REMEDIES: Readonly<Record<ProtectionErrorKind, string>> = {
  notOnEcs:
    "The ECS agent gives this variable to every container from version 1.65 on: run the container in an ECS task, on an instance with a newer agent.",
  agentTooOld: "The ECS agent knows task protection from version 1.65 on: launch instances with a newer AMI.",
  noTaskRole: "The agent calls ECS with the task's role: give the task definition a taskRoleArn.",
  forbidden: "Allow the task's role ecs:GetTaskProtection and ecs:UpdateTaskProtection on the cluster's tasks.",
  blocked:
    "A deployment waits for tasks to stop, and more would be protected than the service desires: raise the desired count, or let other tasks finish. It is tried again.",
  notInService: "Only tasks that a service started can be protected.",
  throttled: "It is tried again; the agent takes 40 calls per second from a task, ECS 80 from an account.",
  unreachable: "It is tried again.",
  failing: "It is tried again.",
  refused: "See the failure reasons in the ECS API reference.",
};

/** What ECS names its errors and failures, and what each means here. */
const KINDS: Readonly<Record<string, ProtectionErrorKind>> = {
  DEPLOYMENT_BLOCKED: "blocked",
  TASK_NOT_VALID: "notInService",
  ThrottlingException: "throttled",
  TooManyRequestsException: "throttled",
  AccessDeniedException: "forbidden",
  AccessDenied: "forbidden",
  ServerException: "failing",
  RequestCanceled: "failing",
};

/** An error of ECS, by its name and the HTTP status that came with it. */
export function protectionErrorOf(code: string, detail: string, status = 0, cause?: unknown): ProtectionError {
  const given = detail === "" ? code : `${code}: ${detail}`;
  return new ProtectionError(KINDS[code] ?? kindOfStatus(status), given, { cause });
}

export function kindOfStatus(status: number): ProtectionErrorKind {
  if (status === 429) return "throttled";
  return status >= 500 ? "failing" : "refused";
}
