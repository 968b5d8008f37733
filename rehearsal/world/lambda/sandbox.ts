/**
 * Runs a function's emitted text as Lambda would, but in the world's time: the text sees the world's clock, timers, random
 * numbers and environment, and real AWS SDK clients whose commands go to the world at the SDK's first step.
 */
import vm from "node:vm";
import type { Context, Random } from "../context";
import { EPOCH_MS } from "../constants";
import { sandboxRequire, type Dispatch } from "./sandboxRequire";

export type { Dispatch } from "./sandboxRequire";

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

/** Everything of the text's surroundings that could tell real time, chance or the outside world. */
const PARAMETERS = [
  "exports",
  "require",
  "module",
  "process",
  "console",
  "Date",
  "Math",
  "performance",
  "crypto",
  "fetch",
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
  "clearImmediate",
  "globalThis",
  "global",
] as const;

type Surroundings = Readonly<Record<(typeof PARAMETERS)[number], unknown>>;

/** The emitted text, compiled once for every execution environment. */
export class EmittedText {
  private readonly compiled: (...values: unknown[]) => void;

  constructor(
    readonly text: string,
    name: string,
  ) {
    this.compiled = vm.compileFunction(text, [...PARAMETERS], { filename: `${name}/__index.js` }) as (
      ...values: unknown[]
    ) => void;
  }

  /** What Lambda does at a cold start; the exported handler. */
  load(globals: SandboxGlobals): Handler {
    const module = { exports: {} as { handler?: Handler } };
    const surroundings: Surroundings = {
      exports: module.exports,
      module,
      require: sandboxRequire(globals.dispatch),
      process: { env: { ...globals.environment } },
      ...clockGlobals(globals),
      ...chanceGlobals(globals.random),
      console: consoleOf((text) => globals.log(text)),
      fetch: () => Promise.reject(new Error("a rehearsal has no network but the AWS SDK's")),
      globalThis: undefined,
      global: undefined,
    };
    const shared: unknown = Object.create(globalThis, Object.getOwnPropertyDescriptors(surroundings));
    const whole: Surroundings = { ...surroundings, globalThis: shared, global: shared };
    this.compiled(...PARAMETERS.map((name) => whole[name]));
    const { handler } = module.exports;
    if (typeof handler !== "function") throw new Error("the emitted text exports no handler");
    return handler;
  }
}

function consoleOf(write: (text: string) => void) {
  const log = (...parts: unknown[]): void => write(parts.map(String).join(" "));
  return { log, info: log, warn: log, error: log, debug: log };
}

/** Timers that wake a handler only while its environment lives. */
function clockGlobals({ context, isAlive }: Pick<SandboxGlobals, "context" | "isAlive">) {
  const { clock } = context;
  const startedAt = clock.now;
  const wake = (run: () => void): void => {
    if (!isAlive()) return;
    clock.handlersWoken = true;
    run();
  };
  const setTimer = (run: () => void, delay = 0): unknown => clock.after(Math.max(1, delay), () => wake(run));
  const clearTimer = (timer: unknown): void => clock.cancel(timer as Parameters<typeof clock.cancel>[0]);
  const noInterval = (): never => {
    throw new Error("setInterval is not modelled in a rehearsal: use setTimeout");
  };
  return {
    Date: dateClass(() => EPOCH_MS + clock.now),
    performance: { now: () => clock.now - startedAt },
    setTimeout: setTimer,
    clearTimeout: clearTimer,
    setInterval: noInterval,
    clearInterval: clearTimer,
    setImmediate: (run: () => void) => clock.after(0, () => wake(run)),
    clearImmediate: clearTimer,
  };
}

function chanceGlobals(random: Random) {
  const byte = (): number => Math.floor(random() * 256);
  const hex = (digits: number): string => Array.from({ length: digits }, () => (byte() & 15).toString(16)).join("");
  return {
    Math: Object.create(Math, { random: { value: random } }) as Math,
    crypto: {
      randomUUID: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
      getRandomValues: (values: Uint8Array) => values.map(byte),
    },
  };
}

function dateClass(now: () => number): DateConstructor {
  return class extends Date {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [now()] : given) as [number]));
    }
    static override now(this: void): number {
      return now();
    }
  } as unknown as DateConstructor;
}
