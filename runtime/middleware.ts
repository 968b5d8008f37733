/** Protects a task while it answers requests. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** What counts units of work: a `WorkProtection`. */
export interface Work {
  begin(): () => void;
}

export interface ProtectRequestsOptions {
  /**
   * Paths that are no work, such as the health check's: exactly these, without a query. A check every ten seconds would
   * keep an idle task protected for ever.
   * @default none
   */
  readonly leaveOutPaths?: readonly string[];
  /**
   * User agents that are no work, by their beginning.
   * @default ["ELB-HealthChecker/"]
   */
  readonly leaveOutUserAgents?: readonly string[];
}

/** For Express as for `node:http`, where `next` is whatever answers the request. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
const HEALTH_CHECKERS = ["ELB-HealthChecker/"];

/**
 * A request is work until its response is finished or its connection is closed. What goes on after that isn't: it calls
 * `begin` itself.
 */
export function protectRequests(work: Work, options: ProtectRequestsOptions = {}): Middleware {
  const isWork = workFilter(options);
  return (request, response, next) => {
    // A response that was closed before never says so again.
    if (isWork(request) && !response.closed) response.once("close", work.begin());
    next();
  };
}

/**
 * Counts upgraded connections, such as WebSockets, as work until they close. To be called once the server has its own
 * listener for `upgrade`, without which Node.js answers such a request as any other.
 */
export function protectUpgrades(server: Server, work: Work, options: ProtectRequestsOptions = {}): void {
  if (server.listenerCount("upgrade") === 0) {
    throw new Error("The server has no listener for upgrade: attach the WebSocket server first, then call this.");
  }
  const isWork = workFilter(options);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    if (isWork(request) && !socket.destroyed) socket.once("close", work.begin());
  });
}

function workFilter(options: ProtectRequestsOptions): (request: IncomingMessage) => boolean {
  const paths = new Set(options.leaveOutPaths);
  const agents = options.leaveOutUserAgents ?? HEALTH_CHECKERS;
  return (request) => {
    const userAgent = request.headers["user-agent"] ?? "";
    return !agents.some((agent) => userAgent.startsWith(agent)) && !paths.has(pathOf(request));
  };
}

/** Express takes the path that a router is mounted at off `url`. */
function pathOf(request: IncomingMessage & { readonly originalUrl?: string }): string {
  const url = request.originalUrl ?? request.url ?? "";
  return url.split("?", 1)[0] ?? "";
}
