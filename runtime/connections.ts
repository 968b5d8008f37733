/** What a HTTP server is busy with: its connections, and the requests that are not answered yet. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Timers } from "./timers";

/** A request whose answer was cut off. */
export interface CutRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly runningMs: number;
}

interface OpenRequest {
  readonly request: IncomingMessage;
  readonly began: number;
  /** When the request before it began. */
  readonly before: number;
}

export class Connections {
  readonly #sockets = new Set<Socket>();
  readonly #open = new Map<ServerResponse, OpenRequest>();
  #closing = false;
  #lastRequest = 0;
  #whenChanged: (() => void) | undefined;

  constructor(
    private readonly server: Server,
    private readonly timers: Timers,
  ) {
    server.on("connection", (socket: Socket) => this.#connected(socket));
    // Before the server's own listener, which may send the headers at once.
    server.prependListener("request", (request, response) => this.#began(request, response));
  }

  get requestsInProgress(): number {
    return this.#open.size;
  }

  /** Connections that are neither answering a request nor idle. */
  get others(): number {
    const busy = new Set([...this.#open.values()].map(({ request }) => request.socket));
    return [...this.#sockets].filter((socket) => !busy.has(socket)).length;
  }

  requestsOpen(): CutRequest[] {
    const now = this.timers.now();
    return [...this.#open.values()].map(({ request, began }) => ({
      method: request.method ?? "",
      url: request.url ?? "",
      runningMs: now - began,
    }));
  }

  /** From now on, every answer tells its client to come back on another connection. */
  sayClose(): void {
    this.#closing = true;
    this.#lastRequest = this.timers.now();
    for (const response of this.#open.keys()) closeAfter(response);
  }

  /** Takes the request for a health check, which says nothing about whether others still ask. */
  disregard(response: ServerResponse): void {
    const open = this.#open.get(response);
    if (open?.began === this.#lastRequest) this.#lastRequest = open.before;
  }

  /** Resolves once nobody has asked for `forMs`, or at `latest`. */
  quiet(forMs: number, latest: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        const now = this.timers.now();
        const until = Math.min(this.#lastRequest + forMs, latest);
        if (until <= now) resolve();
        else this.#after(until - now, look);
      };
      look();
    });
  }

  /** Closes what is idle, and resolves once nothing is open any more, or at `deadline`. */
  finished(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#after(deadline - this.timers.now(), resolve);
      this.#whenChanged = () => {
        this.#closeIdle();
        if (this.#sockets.size > 0) return;
        this.timers.cancel(timer);
        resolve();
      };
      this.#whenChanged();
    });
  }

  #after(ms: number, run: () => void): unknown {
    return this.timers.after(Math.max(0, Math.ceil(ms)), run);
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#whenChanged?.();
    });
  }

  #began(request: IncomingMessage, response: ServerResponse): void {
    const began = this.timers.now();
    this.#open.set(response, { request, began, before: this.#lastRequest });
    this.#lastRequest = began;
    if (this.#closing) closeAfter(response);
    response.once("close", () => {
      this.#open.delete(response);
      this.#whenChanged?.();
    });
  }

  /** Node.js doesn't count a connection as idle that never carried a byte. */
  #closeIdle(): void {
    this.server.closeIdleConnections();
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  }
}

function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}
