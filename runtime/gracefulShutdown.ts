/**
 * Ends a HTTP server on SIGTERM without losing a request.
 *
 * ECS takes a task's target out of the balancer before it sends SIGTERM, except where it doesn't: StopTask may send it
 * first, and a balancer needs seconds to let go. So the server goes on answering, and tells each client to come back on
 * another connection, until nobody has asked for a while; only then does it stop listening.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html (stopTimeout)
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Connections, type CutRequest } from "./connections";
import { realTimers } from "./realTimers";
import type { Timers } from "./timers";

export interface GracefulShutdownOptions {
  /**
   * Seconds between SIGTERM and SIGKILL: the container's `stopTimeout`, or the agent's `ECS_CONTAINER_STOP_TIMEOUT`.
   * @default 30, the agent's
   */
  readonly stopTimeoutSeconds?: number;
  /** Seconds before SIGKILL at which the process exits, whatever it has to cut. @default 2 */
  readonly marginSeconds?: number;
  /**
   * Seconds without a new request, after SIGTERM, before the server stops listening; health checks that `health`
   * answers don't count. At most half of the stop timeout: what is accepted later would have no time left.
   * 0 stops listening at once.
   * @default 5
   */
  readonly quietSeconds?: number;
  /**
   * The balancer's idle timeout: the server keeps idle connections for longer, since one that closes them first
   * closes some under a request, which the balancer answers with 502.
   * @default 60, an Application Load Balancer's
   */
  readonly balancerIdleTimeoutSeconds?: number;
  /** @default ["SIGTERM"] */
  readonly signals?: readonly NodeJS.Signals[];
  /** Awaited once the last request is answered, as far as there is time: flush logs, close pools. @default nothing */
  readonly beforeExit?: () => Promise<void> | void;
  /** Told of the beginning and the end. @default nobody */
  readonly report?: (event: ShutdownEvent) => void;
  /** @default process.exit */
  readonly exit?: (code: number) => void;
  /** @default the machine's clock */
  readonly timers?: Timers;
}

export type ShutdownEvent =
  | { readonly kind: "began"; readonly requestsInProgress: number; readonly exitsWithinMs: number }
  | {
      readonly kind: "ended";
      readonly afterMs: number;
      /** Requests without their whole answer: they didn't fit into the stop timeout. */
      readonly cut: readonly CutRequest[];
      /** Connections without a request that were still open, such as WebSockets. */
      readonly connectionsCut: number;
      /** What `beforeExit` threw. */
      readonly error?: unknown;
    };

export interface GracefulShutdown {
  readonly shuttingDown: boolean;
  /** Begins as a signal would; resolves when the process is about to exit. Calling it again changes nothing. */
  shutDown(): Promise<void>;
  /** Answers a health check: 200, and 503 as soon as the shutdown has begun. For Express as for `node:http`. */
  readonly health: (request: IncomingMessage, response: ServerResponse) => void;
}

export const DEFAULT_SHUTDOWN = {
  stopTimeoutSeconds: 30,
  marginSeconds: 2,
  quietSeconds: 5,
  balancerIdleTimeoutSeconds: 60,
};

/** Seconds by which the server outlasts the balancer's idle connections. */
const OUTLAST_SECONDS = 5;

/**
 * Adds the listeners for the signals at once. One per process, which exits when this server has ended.
 * Throws a RangeError that names every time that can't be.
 */
export function gracefulShutdown(server: Server, options: GracefulShutdownOptions = {}): GracefulShutdown {
  const shutdown = new Shutdown(server, options);
  for (const signal of options.signals ?? ["SIGTERM" as const]) process.on(signal, () => void shutdown.shutDown());
  return shutdown;
}

/**
 * Keeps idle connections for longer than the balancer does, which then is the one that closes them. A new connection may
 * be as long without a request, so the time for headers is raised as well, and the time for a whole request with it.
 */
export function outlastBalancer(server: Server, idleTimeoutSeconds: number): void {
  server.keepAliveTimeout = (idleTimeoutSeconds + OUTLAST_SECONDS) * 1000;
  server.headersTimeout = Math.max(server.headersTimeout, server.keepAliveTimeout + 1000);
  if (server.requestTimeout > 0) server.requestTimeout = Math.max(server.requestTimeout, server.headersTimeout);
}

class Shutdown implements GracefulShutdown {
  readonly #connections: Connections;
  readonly #timers: Timers;
  readonly #times: typeof DEFAULT_SHUTDOWN;
  #ending: Promise<void> | undefined;

  constructor(
    private readonly server: Server,
    private readonly options: GracefulShutdownOptions,
  ) {
    this.#times = shutdownTimes(options);
    this.#timers = options.timers ?? realTimers;
    outlastBalancer(server, this.#times.balancerIdleTimeoutSeconds);
    this.#connections = new Connections(server, this.#timers);
  }

  get shuttingDown(): boolean {
    return this.#ending !== undefined;
  }

  readonly health = (_request: IncomingMessage, response: ServerResponse): void => {
    const { shuttingDown } = this;
    this.#connections.disregard(response);
    response.statusCode = shuttingDown ? 503 : 200;
    response.setHeader("content-type", "text/plain");
    response.end(shuttingDown ? "shutting down\n" : "ok\n");
  };

  shutDown(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    const { stopTimeoutSeconds, marginSeconds, quietSeconds } = this.#times;
    const began = this.#timers.now();
    const exitsWithinMs = (stopTimeoutSeconds - marginSeconds) * 1000;
    const deadline = began + exitsWithinMs;
    this.#tell({ kind: "began", requestsInProgress: this.#connections.requestsInProgress, exitsWithinMs });
    this.#connections.sayClose();
    await this.#connections.quiet(quietSeconds * 1000, began + exitsWithinMs / 2);
    this.server.close();
    await this.#connections.finished(deadline);
    const cut = this.#connections.requestsOpen();
    const connectionsCut = this.#connections.others;
    const error = await this.#beforeExit(deadline);
    this.#tell({ kind: "ended", afterMs: this.#timers.now() - began, cut, connectionsCut, ...error });
    (this.options.exit ?? ((code) => process.exit(code)))(0);
  }

  /** Whether it takes too long or throws, the process exits. */
  #beforeExit(deadline: number): Promise<{ readonly error?: unknown }> {
    return new Promise((resolve) => {
      const late = () => resolve({ error: new Error("beforeExit took longer than the stop timeout") });
      const timer = this.#timers.after(Math.max(0, deadline - this.#timers.now()), late);
      Promise.resolve()
        .then(() => this.options.beforeExit?.())
        .then(
          () => resolve({}),
          (error: unknown) => resolve({ error }),
        )
        .finally(() => this.#timers.cancel(timer));
    });
  }

  #tell(event: ShutdownEvent): void {
    try {
      this.options.report?.(event);
    } catch {
      // A report that fails must not keep the process from exiting.
    }
  }
}

function shutdownTimes(options: GracefulShutdownOptions): typeof DEFAULT_SHUTDOWN {
  const times = {
    stopTimeoutSeconds: options.stopTimeoutSeconds ?? DEFAULT_SHUTDOWN.stopTimeoutSeconds,
    marginSeconds: options.marginSeconds ?? DEFAULT_SHUTDOWN.marginSeconds,
    quietSeconds: options.quietSeconds ?? DEFAULT_SHUTDOWN.quietSeconds,
    balancerIdleTimeoutSeconds: options.balancerIdleTimeoutSeconds ?? DEFAULT_SHUTDOWN.balancerIdleTimeoutSeconds,
  };
  const problems = Object.entries(times)
    .filter(([, value]) => !(value >= 0 && Number.isFinite(value)))
    .map(([name, value]) => `${name} is ${value}: a number of seconds, 0 or more`);
  if (!(times.stopTimeoutSeconds > times.marginSeconds)) {
    problems.push(
      `stopTimeoutSeconds is ${times.stopTimeoutSeconds}: more than marginSeconds, ${times.marginSeconds}, or nothing is finished`,
    );
  }
  if (problems.length > 0) throw new RangeError(`Graceful shutdown: ${problems.join("; ")}.`);
  return times;
}
