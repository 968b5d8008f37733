/** A Lambda function: execution environments, cold and warm starts, timeouts, and what it bills. */
import type { Context } from "../context";
import type { Timer } from "../clock";
import { LAMBDA } from "../constants";
import { noFaults, type Faults } from "../faults";
import type { Statement } from "../iam";
import { Topic } from "../topic";
import { EmittedText, type Dispatch, type Handler } from "./sandbox";

export interface FunctionSpec {
  readonly name: string;
  readonly arn: string;
  /** The archive's handler file, as it would be uploaded. */
  readonly text: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMiB: number;
  readonly reservedConcurrency: number | undefined;
  /** The policies of its role. */
  readonly statements: readonly Statement[];
}

/** Makes the way in which an execution environment's SDK clients reach the world. */
export type Connect = (spec: FunctionSpec, environment: ExecutionEnvironment) => Dispatch;

/** One process of the function; it runs one invocation at a time. */
export interface ExecutionEnvironment {
  readonly handler: Handler;
  alive: boolean;
  busy: boolean;
  usedAt: number;
  /** This invocation is drawn to die at its next call. */
  doomed: boolean;
}

export type Result = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

export class LambdaFunction {
  faults: Faults = noFaults;
  invocations = 0;
  errors = 0;
  throttles = 0;
  billedMs = 0;
  /** The error with which an execution environment didn't come up. */
  readonly initializationFailed = new Topic<string>();
  /** A line that it printed. */
  readonly printed = new Topic<string>();
  private readonly emitted: EmittedText;
  private environments: ExecutionEnvironment[] = [];
  /** Invocations under way, cold starts included. */
  private running = 0;

  constructor(
    readonly spec: FunctionSpec,
    private readonly context: Context,
    private readonly connect: Connect,
  ) {
    this.emitted = new EmittedText(spec.text, spec.name);
  }

  get hasRoom(): boolean {
    return this.running < (this.spec.reservedConcurrency ?? LAMBDA.accountConcurrency);
  }

  /** Starts an invocation; `done` is told once, when it ends, fails or times out. Whoever invokes looks at {@link hasRoom} first. */
  invoke(event: unknown, done: (result: Result) => void): void {
    const { clock } = this.context;
    this.invocations++;
    this.running++;
    const ended = (result: Result): void => {
      this.running--;
      done(result);
    };
    const isWarm = (each: ExecutionEnvironment): boolean => clock.now - each.usedAt < LAMBDA.keepWarmMs;
    this.environments = this.environments.filter((each) => each.busy || isWarm(each));
    const warm = this.environments.find((each) => !each.busy);
    if (warm !== undefined) {
      warm.busy = true;
      this.run(warm, event, ended);
      return;
    }
    clock.after(LAMBDA.coldStartMs, () => {
      const environment = this.coldStart();
      if (typeof environment === "string") this.fail(environment, ended);
      else this.run(environment, event, ended);
    });
  }

  /**
   * An asynchronous invocation, as EventBridge makes it: a function error is tried again twice, a throttle for hours.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
   */
  invokeAsync(event: unknown): void {
    const { clock } = this.context;
    const giveUpAt = clock.now + LAMBDA.asyncThrottle.forMs;
    const attempt = (failures: number, wait: number): void => {
      if (!this.hasRoom) {
        this.throttles++;
        if (clock.now + wait > giveUpAt) return this.dropped();
        clock.after(wait, () => attempt(failures, Math.min(2 * wait, LAMBDA.asyncThrottle.longestMs)));
        return;
      }
      this.invoke(event, ({ ok }) => {
        if (ok) return;
        const delay = LAMBDA.asyncRetryMs[failures];
        if (delay === undefined) return this.dropped();
        clock.after(delay, () => attempt(failures + 1, LAMBDA.asyncThrottle.firstMs));
      });
    };
    attempt(0, LAMBDA.asyncThrottle.firstMs);
  }

  private dropped(): void {
    this.context.log.write("lambda.EventDropped", { function: this.spec.name });
  }

  /** Initialisation failed: the function never gets to run. */
  private fail(error: string, done: (result: Result) => void): void {
    this.errors++;
    this.context.log.write("lambda.Failed", { function: this.spec.name, error });
    this.initializationFailed.publish(error);
    done({ ok: false, error });
  }

  /** A new environment, or why its initialisation failed. */
  private coldStart(): ExecutionEnvironment | string {
    try {
      return this.load();
    } catch (error) {
      return String(error);
    }
  }

  private load(): ExecutionEnvironment {
    const holder: { environment?: ExecutionEnvironment } = {};
    const dispatch: Dispatch = (service, command, input) => connected(service, command, input);
    const handler = this.emitted.load({
      context: this.context,
      random: this.context.random(`lambda/${this.spec.name}`),
      environment: this.spec.environment,
      dispatch,
      isAlive: () => holder.environment?.alive ?? true,
      log: (text) => {
        this.context.log.write("lambda.Log", { function: this.spec.name, text });
        this.printed.publish(text);
      },
    });
    const environment: ExecutionEnvironment = {
      handler,
      alive: true,
      busy: true,
      usedAt: this.context.clock.now,
      doomed: false,
    };
    holder.environment = environment;
    const connected = this.connect(this.spec, environment);
    this.environments.push(environment);
    return environment;
  }

  private run(environment: ExecutionEnvironment, event: unknown, done: (result: Result) => void): void {
    const { clock } = this.context;
    const startedAt = clock.now;
    const endsAt = startedAt + this.spec.timeoutMs;
    environment.doomed = this.faults.handlerDies();
    let over = false;
    const finish = (result: Result, survives: boolean): void => {
      if (over) return;
      over = true;
      clock.cancel(timeout);
      environment.busy = false;
      environment.usedAt = clock.now;
      if (!survives) this.discard(environment);
      this.billedMs += Math.max(1, clock.now - startedAt);
      if (!result.ok) {
        this.errors++;
        this.context.log.write("lambda.Failed", { function: this.spec.name, error: result.error });
      }
      done(result);
    };
    const timeout: Timer = clock.at(endsAt, () => finish({ ok: false, error: "Task timed out" }, false));
    const watchDeath = environment.doomed
      ? clock.after(LAMBDA.thinkMs + 50, () => finish({ ok: false, error: "Runtime exited" }, false))
      : undefined;
    clock.handlersWoken = true;
    const lambdaContext = { getRemainingTimeInMillis: () => endsAt - clock.now };
    // A handler may throw before it has made its promise.
    new Promise((resolve) => resolve(environment.handler(event, lambdaContext)))
      .then(
        (value) => finish({ ok: true, value }, true),
        (error: unknown) => finish({ ok: false, error: String(error) }, true),
      )
      .finally(() => clock.cancel(watchDeath));
  }

  private discard(environment: ExecutionEnvironment): void {
    environment.alive = false;
    this.environments = this.environments.filter((each) => each !== environment);
  }
}
