/**
 * Runs a function's emitted text as Lambda would, but in the world's time: the text sees the world's clock, timers, random
 * numbers and environment, and real AWS SDK clients whose commands go to the world at the SDK's first step.
 */
import { createRequire } from "node:module";
import vm from "node:vm";
import type { Context, Random } from "../context";
import { EPOCH_MS } from "../constants";

/** Takes a command of an SDK client and answers as AWS would. */
export type Dispatch = (service: string, command: string, input: unknown) => Promise<object>;

/** What one execution environment sees. */
export interface SandboxGlobals {
  readonly context: Context;
  readonly random: Random;
  readonly environment: Readonly<Record<string, string>>;
  readonly dispatch: Dispatch;
  /** False once Lambda has ended this environment: its timers don't fire any more. */
  isAlive(): boolean;
  log(text: string): void;
}

export type Handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<unknown>;

const PARAMETERS = ["exports", "require", "module", "process", "console", "Date", "Math", "setTimeout", "clearTimeout"];

/** The emitted text, compiled once for every execution environment. */
export class EmittedText {
  private readonly compiled: (...values: unknown[]) => void;

  constructor(
    readonly text: string,
    name: string,
  ) {
    this.compiled = vm.compileFunction(text, PARAMETERS, { filename: `${name}/__index.js` }) as (
      ...values: unknown[]
    ) => void;
  }

  /** What Lambda does at a cold start; the exported handler. */
  load(globals: SandboxGlobals): Handler {
    const module = { exports: {} as { handler?: Handler } };
    const { context, random, environment, isAlive } = globals;
    const sandboxDate = dateClass(() => EPOCH_MS + context.clock.now);
    const setTimer = (run: () => void, delay = 0): unknown =>
      context.clock.after(delay, () => {
        if (!isAlive()) return;
        context.clock.handlersWoken = true;
        run();
      });
    const log = (...parts: unknown[]): void => globals.log(parts.map(String).join(" "));
    this.compiled(
      module.exports,
      sandboxRequire(globals.dispatch),
      module,
      { env: { ...environment } },
      { log, info: log, warn: log, error: log, debug: log },
      sandboxDate,
      Object.create(Math, { random: { value: random } }),
      setTimer,
      (timer: unknown) => context.clock.cancel(timer as Parameters<typeof context.clock.cancel>[0]),
    );
    const { handler } = module.exports;
    if (typeof handler !== "function") throw new Error("the emitted text exports no handler");
    return handler;
  }
}

function dateClass(now: () => number): DateConstructor {
  return class extends Date {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [now()] : given) as [number]));
    }
    static override now(): number {
      return now();
    }
  } as unknown as DateConstructor;
}

const nodeRequire = createRequire(__filename);

interface SdkClient {
  readonly middlewareStack: {
    add(
      middleware: unknown,
      options: { readonly step: "initialize"; readonly name: string; readonly priority: "high" },
    ): void;
  };
}

type SdkClientClass = new (configuration?: object) => SdkClient;

/** What Lambda's runtime ships: the SDK. Its clients are the real ones, with one middleware more. */
function sandboxRequire(dispatch: Dispatch): (name: string) => unknown {
  return (name) => {
    const service = /^@aws-sdk\/client-(.+)$/.exec(name)?.[1];
    if (service === undefined) throw new Error(`the function requires ${name}, which the Lambda runtime doesn't have`);
    const sdk = nodeRequire(name) as Record<string, unknown>;
    return new Proxy(sdk, {
      get: (target, key: string) => (isClient(target[key]) ? connected(target[key], service, dispatch) : target[key]),
    });
  };
}

function isClient(value: unknown): value is SdkClientClass {
  return typeof value === "function" && typeof (value.prototype as { send?: unknown } | undefined)?.send === "function";
}

function connected(Client: SdkClientClass, service: string, dispatch: Dispatch): SdkClientClass {
  return class extends Client {
    constructor(configuration: object = {}) {
      super({
        region: "us-east-1",
        credentials: { accessKeyId: "rehearsal", secretAccessKey: "rehearsal" },
        ...configuration,
      });
      const middleware =
        (_next: unknown, { commandName }: { commandName: string }) =>
        async ({ input }: { input: unknown }) => ({
          output: await dispatch(service, commandName.replace(/Command$/, ""), input),
          response: {},
        });
      this.middlewareStack.add(middleware, { step: "initialize", name: "rehearsal", priority: "high" });
    }
  };
}
