/** One stack on the real engine: a program in process, a state file of its own, and an Account for an AWS. */
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { LocalWorkspace, type EngineEvent, type OpMap, type Stack } from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import { withoutStackTraces } from "../../../rehearsal/deploy/stackTraces";
import { ROOT } from "../../project/project";
import { freshProgram } from "../../support/recorder";
import { Account, type Call } from "../aws/account";
import { serveProvider, type ProviderServer } from "../provider/server";
import { pulumiCommand } from "./cli";

type Config = Record<string, unknown>;

export interface DeploymentOptions {
  /** Whose configuration is taken, from `Pulumi.<stack>.yaml`. */
  readonly stack?: string;
  /** Over that of the stack; keys may leave out the project's name. */
  readonly config?: Config;
  readonly program?: string;
  readonly account?: Account;
  readonly policyPacks?: string[];
}

/** What came of an operation. */
export interface Outcome {
  /** The error's message, where it failed. */
  readonly error?: string;
  readonly events: readonly EngineEvent[];
  /** What was asked of AWS in it. */
  readonly calls: readonly Call[];
  readonly summary: OpMap;
  /** All that the CLI printed. */
  readonly printed: string;
}

const BIN = path.join(__dirname, "..", "bin");
const LANGUAGE_BIN = path.join(__dirname, "..", "language", "bin");
/** Whose providers are ours. */
const PACKAGES = ["aws", "docker-build"];
/** Without functions that have tests of their own: a third of all resources. The stacks that ship are deployed whole. */
const SMALL: Config = { refresh: "off", rebalance: false };
const PASSPHRASE = "correct horse battery staple";

export class Deployment {
  private constructor(
    readonly folder: string,
    readonly account: Account,
    private readonly servers: readonly ProviderServer[],
    private readonly stack: Stack,
    /** By which the next operations are judged. */
    public policyPacks: string[] | undefined,
  ) {}

  private get configFile(): string {
    return path.join(this.folder, `Pulumi.${this.stack.name}.yaml`);
  }

  static async create(options: DeploymentOptions = {}): Promise<Deployment> {
    const folder = mkdtempSync(path.join(tmpdir(), "spotproof-engine-"));
    const account = options.account ?? new Account();
    const servers = await Promise.all(PACKAGES.map(() => serveProvider(account)));
    mkdirSync(path.join(folder, "state"));
    copyFileSync(path.join(ROOT, "Pulumi.yaml"), path.join(folder, "Pulumi.yaml"));
    const stackName = options.stack ?? "dev";
    const stack = await LocalWorkspace.createStack(
      { stackName, projectName: "spotproof", program: programOf(options) },
      { workDir: folder, pulumiCommand: await pulumiCommand(), envVars: environment(folder, servers) },
    );
    const deployment = new Deployment(folder, account, servers, withoutReports(stack), options.policyPacks);
    const own = parse(readFileSync(path.join(ROOT, `Pulumi.${stackName}.yaml`), "utf8")) as { config: Config };
    const small = options.stack === undefined && options.program === undefined ? SMALL : {};
    deployment.configure({ ...own.config, ...small, ...options.config });
    return deployment;
  }

  /** Changes the stack's configuration; keys may leave out the project's name, and `undefined` takes a key away. */
  configure(config: Config): void {
    const { config: own, ...rest } = parse(this.configText()) as { config?: Config };
    const given = Object.entries(config).map(([key, value]) => [key.includes(":") ? key : `spotproof:${key}`, value]);
    writeFileSync(
      this.configFile,
      stringify({ ...rest, config: { ...own, ...(Object.fromEntries(given) as Config) } }),
    );
  }

  async setSecret(path: string, value: string): Promise<void> {
    await this.stack.setConfig(path, { value, secret: true }, true);
  }

  /** With `refresh`, what AWS has is read first. */
  preview({ refresh = false }: { readonly refresh?: boolean } = {}): Promise<Outcome> {
    return this.outcome((options) => this.stack.preview({ ...options, diff: true, refresh }));
  }

  up(): Promise<Outcome> {
    return this.outcome((options) => this.stack.up(options));
  }

  refresh(): Promise<Outcome> {
    return this.outcome(({ onEvent }) => this.stack.refresh({ onEvent }));
  }

  destroy(): Promise<Outcome> {
    return this.outcome(({ onEvent }) => this.stack.destroy({ onEvent }));
  }

  /** The CLI itself, in the project's own folder, as on a machine where it has a language host. */
  async cli(...given: string[]): Promise<{ code: number; printed: string }> {
    const { command } = await pulumiCommand();
    const env = { ...process.env, ...this.stack.workspace.envVars };
    const options = { cwd: ROOT, env: { ...env, PATH: [env.PATH, LANGUAGE_BIN].join(path.delimiter) } };
    const args = [...given, "--non-interactive", "--stack", this.stack.name, "--config-file", this.configFile];
    return new Promise((resolve) =>
      execFile(command, args, options, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), printed: stdout + stderr }),
      ),
    );
  }

  outputs(): ReturnType<Stack["outputs"]> {
    return this.stack.workspace.stackOutputs(this.stack.name);
  }

  /** The stack's configuration as it lies in the file. */
  configText(): string {
    return readFileSync(this.configFile, "utf8");
  }

  /** The state as it lies in the file. */
  stateText(): string {
    return readFileSync(path.join(this.folder, "state/.pulumi/stacks/spotproof", `${this.stack.name}.json`), "utf8");
  }

  close(): void {
    for (const server of this.servers) server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** On a busy machine the SDK may not get through to the engine in time: then nothing has happened, and it is tried once more. */
  private async outcome(operation: Operation): Promise<Outcome> {
    const outcome = await this.tried(operation);
    const isUnheard = outcome.error?.includes(NO_CONNECTION) === true && outcome.calls.length === 0;
    return isUnheard ? this.tried(operation) : outcome;
  }

  private async tried(operation: Operation): Promise<Outcome> {
    const events: EngineEvent[] = [];
    const before = this.account.calls.length;
    const options = { onEvent: (event: EngineEvent) => void events.push(event), policyPacks: this.policyPacks };
    const result = await withoutStackTraces(() => operation(options)).then(
      ({ stdout, stderr }) => ({ summary: changesIn(events), printed: stdout + stderr }),
      ({ message }: Error) => ({ error: diagnostics(message), summary: {}, printed: message }),
    );
    const calls = this.account.calls.slice(before);
    this.account.settle();
    return { ...result, events, calls };
  }
}

type Operation = (options: {
  onEvent: (event: EngineEvent) => void;
  policyPacks?: string[];
}) => Promise<{ readonly stdout: string; readonly stderr: string }>;

/** gRPC's words, where a call waited for a connection in vain. */
const NO_CONNECTION = "14 UNAVAILABLE: No connection established";

/** What the engine says at an operation's end: the stack's history and outputs would be three more runs of the CLI. */
function withoutReports(stack: Stack): Stack {
  return Object.assign(stack, { info: () => Promise.resolve({}), outputs: () => Promise.resolve({}) });
}

const changesIn = (events: readonly EngineEvent[]): OpMap =>
  events.find(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent?.resourceChanges ?? {};

/** Of all that the CLI printed, what it says in the end. */
const diagnostics = (printed: string): string => /\nDiagnostics:\n[^]*?\n\n(?=\S)/.exec(printed)?.[0] ?? printed;

function programOf({ program = path.join(ROOT, "index.ts") }: DeploymentOptions) {
  const run = freshProgram(program);
  return () => Promise.resolve(run() as Record<string, unknown>);
}

function environment(folder: string, servers: readonly ProviderServer[]): Record<string, string> {
  const providers = servers.map(({ port }, index) => `${PACKAGES[index]}:${port}`);
  return {
    PULUMI_HOME: path.join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    PULUMI_CREDENTIAL_STORE: "plaintext",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DISABLE_REGISTRY_RESOLVE: "true",
    // The state is written once, at the end of an operation, not at each step.
    PULUMI_EXPERIMENTAL: "true",
    PULUMI_SKIP_CHECKPOINTS: "true",
    PULUMI_DEBUG_PROVIDERS: providers.join(","),
    PATH: `${BIN}${path.delimiter}${process.env.PATH}`,
  };
}
