/** Task protection through the AWS SDK, for tasks whose agent doesn't offer its endpoint. */
import { httpJson } from "./httpJson";
import { ProtectionError, protectionErrorOf } from "./protectionError";
import { backgroundTimers } from "./realTimers";
import type { Timers } from "./timers";
import type { Protection, TaskProtection } from "./taskProtection";

interface ProtectedTask {
  readonly protectionEnabled?: boolean;
  readonly expirationDate?: Date;
}

interface Answer {
  readonly protectedTasks?: readonly ProtectedTask[];
  readonly failures?: readonly { readonly reason?: string; readonly detail?: string }[];
}

/** The two calls of the SDK's `ECS` client that are made. */
export interface EcsProtectionClient {
  getTaskProtection(input: { cluster: string; tasks: string[] }): Promise<Answer>;
  updateTaskProtection(input: {
    cluster: string;
    tasks: string[];
    protectionEnabled: boolean;
    expiresInMinutes?: number;
  }): Promise<Answer>;
}

export interface SdkProtectionOptions {
  /**
   * `new ECS({ maxAttempts: 1, requestHandler: { requestTimeout: 5000 } })` of `@aws-sdk/client-ecs`: what fails is
   * tried again here, and a call must end within seconds.
   */
  readonly ecs: EcsProtectionClient;
  /** Where the task's metadata is. @default the environment's ECS_CONTAINER_METADATA_URI_V4 */
  readonly metadataUri?: string;
  /** @default the machine's clock */
  readonly timers?: Timers;
}

interface TaskIdentity {
  readonly cluster: string;
  readonly tasks: string[];
}

const METADATA_TIMEOUT_MS = 5000;

/**
 * Protects the task that the container runs in, which it asks the metadata endpoint for, once.
 * Its calls reject with a `ProtectionError`.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
 */
export function sdkProtection(options: SdkProtectionOptions): TaskProtection {
  const { ecs } = options;
  let known: TaskIdentity | undefined;
  const task = async (): Promise<TaskIdentity> => (known ??= await readIdentity(options));
  return {
    get: async () => {
      const identity = await task();
      return readAnswer(await named(ecs.getTaskProtection(identity)));
    },
    set: async (enabled, expiresInMinutes) => {
      const identity = await task();
      const minutes = enabled ? { expiresInMinutes } : {};
      return readAnswer(await named(ecs.updateTaskProtection({ ...identity, protectionEnabled: enabled, ...minutes })));
    },
  };
}

async function readIdentity({ metadataUri, timers = backgroundTimers }: SdkProtectionOptions): Promise<TaskIdentity> {
  const uri = metadataUri ?? process.env.ECS_CONTAINER_METADATA_URI_V4 ?? "";
  if (uri === "") throw new ProtectionError("notOnEcs", "ECS_CONTAINER_METADATA_URI_V4 is not set");
  const answer = await httpJson(`${uri}/task`, { method: "GET" }, METADATA_TIMEOUT_MS, timers).catch(
    (error: unknown) => {
      throw new ProtectionError("unreachable", `the metadata at ${uri}: ${String(error)}`, { cause: error });
    },
  );
  const { Cluster: cluster, TaskARN: taskArn } = parse(answer.body);
  if (typeof cluster !== "string" || typeof taskArn !== "string") {
    throw new ProtectionError(
      "failing",
      `the metadata at ${uri} answered ${answer.status} without Cluster and TaskARN`,
    );
  }
  return { cluster, tasks: [taskArn] };
}

function parse(body: string): { readonly Cluster?: unknown; readonly TaskARN?: unknown } {
  try {
    return JSON.parse(body) as ReturnType<typeof parse>;
  } catch {
    return {};
  }
}

/** Gives what the SDK rejects with the kind that it has here. */
async function named(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    const { name = "Error", message = "", $metadata } = error as SdkError;
    throw protectionErrorOf(name, message, $metadata?.httpStatusCode ?? NO_ANSWER, error);
  }
}

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** What never got an answer may work a moment later. */
const NO_ANSWER = 503;

function readAnswer({ failures, protectedTasks }: Answer): Protection {
  const failure = failures?.[0];
  if (failure !== undefined) throw protectionErrorOf(failure.reason ?? "failure", failure.detail ?? "");
  const task = protectedTasks?.[0];
  if (task?.protectionEnabled === undefined) throw new ProtectionError("failing", "ECS answered without the task");
  return {
    enabled: task.protectionEnabled,
    ...(task.expirationDate !== undefined && { expiresAt: task.expirationDate.getTime() }),
  };
}
