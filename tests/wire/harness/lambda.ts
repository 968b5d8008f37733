/** A function as Lambda has it after a deployment, and a process that runs it as Lambda would. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../../rehearsal/world/iam";
import { ROOT } from "../../project/project";
import { statementsOf } from "../../support/policies";
import type { Recording } from "../../support/recorder";
import { PLACE } from "../../support/stage";

/** A function as a program declares it. */
export interface DeployedFunction {
  /** Its archive, by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly handler: string;
  readonly runtime: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Its role's. */
  readonly statements: readonly Statement[];
}

/**
 * The function of that name among what a program declares.
 * @param actual what AWS called the resources, by what the recording calls them.
 */
export async function deployedFunction(
  recording: Recording,
  name: string,
  actual: Readonly<Record<string, string>>,
): Promise<DeployedFunction> {
  const { inputs } = recording.only("aws:lambda/function:Function", name);
  const assets = Object.entries(await (inputs.code as pulumi.asset.AssetArchive).assets);
  const files = assets.map(async ([path, asset]) => [path, await (asset as pulumi.asset.StringAsset).text] as const);
  const { variables } = inputs.environment as { variables: Record<string, string> };
  const statements = statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", `${name}-policy`));
  const named = { environment: variables, statements: statements as unknown as Statement[] };
  const text = Object.entries(actual).reduce((all, [ours, its]) => all.replaceAll(ours, its), JSON.stringify(named));
  return {
    ...(JSON.parse(text) as typeof named),
    files: Object.fromEntries(await Promise.all(files)),
    handler: inputs.handler as string,
    runtime: inputs.runtime as string,
    timeoutMs: (inputs.timeout as number) * 1000,
  };
}

export interface Invocation {
  readonly value?: unknown;
  readonly error?: string;
  /** What was left of the function's time when it answered; negative where Lambda would have ended it. */
  readonly leftMs: number;
  /** What it logged. */
  readonly lines: readonly string[];
}

/** How long after its time a handler is waited for, so that a test sees by how much it was late. */
const GRACE_MS = 20_000;

/** One execution environment. */
export class Lambda {
  private constructor(
    private readonly child: ChildProcess,
    private readonly taskRoot: string,
    private readonly timeoutMs: number,
    readonly nodeVersion: string,
  ) {}

  static async start(deployed: DeployedFunction, endpoint: string): Promise<Lambda> {
    const taskRoot = mkdtempSync(join(tmpdir(), "spotproof-task-"));
    for (const [path, text] of Object.entries(deployed.files)) {
      mkdirSync(dirname(join(taskRoot, path)), { recursive: true });
      writeFileSync(join(taskRoot, path), text);
    }
    const child = fork(join(__dirname, "lambdaRuntime.cjs"), [], {
      execPath: join(ROOT, "node_modules/.bin/node"),
      execArgv: [],
      // Nothing else of ours: Lambda has neither our path nor our credentials.
      env: {
        ...deployed.environment,
        _HANDLER: deployed.handler,
        LAMBDA_TASK_ROOT: taskRoot,
        NODE_PATH: join(ROOT, "node_modules"),
        AWS_REGION: PLACE.region,
        AWS_ACCESS_KEY_ID: "function",
        AWS_SECRET_ACCESS_KEY: "secret",
        AWS_SESSION_TOKEN: "session",
        AWS_ENDPOINT_URL: endpoint,
      },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const { node } = await answerOf<{ node: string }>(child);
    return new Lambda(child, taskRoot, deployed.timeoutMs, node);
  }

  async invoke(event: unknown, remainingMs = this.timeoutMs): Promise<Invocation> {
    this.child.send({ event, remainingMs });
    const timer = setTimeout(() => this.child.kill("SIGKILL"), remainingMs + GRACE_MS);
    try {
      return await answerOf<Invocation>(this.child);
    } finally {
      clearTimeout(timer);
    }
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async stop(): Promise<void> {
    if (this.isRunning) {
      const ended = once(this.child, "exit");
      this.child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.taskRoot, { recursive: true });
  }
}

function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null, signal: string | null): void =>
      reject(new Error(`the function's process ended with ${signal ?? `exit code ${code}`}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as T);
    });
  });
}
