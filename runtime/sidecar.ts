/**
 * Work protection for any language: a small HTTP server that a container of the same task tells what it works on.
 *
 * - `PUT /units/<id>?ttlSeconds=900` begins a unit, or renews it: 201 or 200
 * - `DELETE /units/<id>` ends it: 200, also where it had ended
 * - `GET /health`, `GET /metrics`
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { realTimers } from "./realTimers";
import { CountedProtection, prometheusText } from "./sidecar/metrics";
import { LONGEST_TTL_SECONDS, type SidecarSettings } from "./sidecar/settings";
import { Units } from "./sidecar/units";
import type { TaskProtection } from "./taskProtection";
import type { Timers } from "./timers";
import { WorkProtection } from "./workProtection";

export interface SidecarOptions {
  readonly settings: SidecarSettings;
  readonly protection: TaskProtection;
  /** @default the machine's clock */
  readonly timers?: Timers;
  /** One record per event. @default nobody */
  readonly log?: (record: Readonly<Record<string, unknown>>) => void;
}

interface Answer {
  readonly status: number;
  /** Sent as JSON, a string as it is. */
  readonly body: unknown;
}

/** Seconds before SIGKILL at which the sidecar exits, whatever is still in progress. */
const MARGIN_SECONDS = 2;
/** Time in which the answers under way are sent. */
const LAST_ANSWERS_MS = 1000;
const LONGEST_ID = 200;

export class Sidecar {
  readonly server: Server;
  readonly #options: SidecarOptions;
  readonly #timers: Timers;
  readonly #counted: CountedProtection;
  readonly #work: WorkProtection;
  readonly #units: Units;
  #stopping = false;

  constructor(options: SidecarOptions) {
    const timers = options.timers ?? realTimers;
    this.#timers = timers;
    this.#options = options;
    this.#counted = new CountedProtection(options.protection);
    this.#work = new WorkProtection({
      ...options.settings.times,
      protection: this.#counted,
      timers,
      report: (event) => this.#log({ ...event, ...("error" in event && { error: String(event.error) }) }),
    });
    this.#units = new Units(this.#work, timers);
    this.server = createServer((request, response) => this.#serve(request, response));
  }

  /** Goes on serving until every unit has ended, or the stop timeout is over; then closes, and never rejects. */
  async shutDown(): Promise<void> {
    this.#stopping = true;
    this.#log({ kind: "stopping", inProgress: this.#units.inProgress });
    await this.#units.none((this.#options.settings.stopTimeoutSeconds - MARGIN_SECONDS) * 1000);
    this.#log({ kind: "stopped", cut: this.#units.ids });
    await new Promise<void>((resolve) => {
      this.#timers.after(LAST_ANSWERS_MS, resolve);
      this.server.close(() => resolve());
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { status, body } = this.#answer(request.method ?? "", request.url ?? "");
    const isText = typeof body === "string";
    if (this.#stopping) response.setHeader("connection", "close");
    response.writeHead(status, { "content-type": isText ? "text/plain; version=0.0.4" : "application/json" });
    response.end(isText ? body : `${JSON.stringify(body)}\n`);
    request.resume();
  }

  #answer(method: string, target: string): Answer {
    const [path = "", query = ""] = target.split("?", 2);
    if (path.startsWith("/units/")) return this.#unit(method, path.slice("/units/".length), query);
    if (method !== "GET") return refused(405, `${method} ${path}: only GET, and PUT or DELETE /units/<id>`);
    if (path === "/health") return { status: 200, body: this.#state() };
    if (path === "/metrics") return { status: 200, body: this.#metrics() };
    return refused(404, `${path}: only /units/<id>, /health and /metrics`);
  }

  #unit(method: string, encodedId: string, query: string): Answer {
    const id = decoded(encodedId);
    if (id === undefined || id === "" || id.length > LONGEST_ID) {
      return refused(400, `the unit's id is ${encodedId.slice(0, LONGEST_ID)}: 1 to ${LONGEST_ID} characters`);
    }
    if (method === "DELETE") return { status: 200, body: { ended: this.#units.end(id), ...this.#state() } };
    if (method !== "PUT") return refused(405, `${method}: only PUT begins or renews a unit, and DELETE ends it`);
    const ttlSeconds = Number(new URLSearchParams(query).get("ttlSeconds") ?? this.#options.settings.unitTtlSeconds);
    if (!(ttlSeconds > 0 && ttlSeconds <= LONGEST_TTL_SECONDS)) {
      return refused(400, `ttlSeconds in ?${query}: more than 0, and at most ${LONGEST_TTL_SECONDS}`);
    }
    const isNew = this.#units.put(id, ttlSeconds * 1000);
    return { status: isNew ? 201 : 200, body: { ttlSeconds, ...this.#state() } };
  }

  #state() {
    return { inProgress: this.#units.inProgress, protected: this.#work.isProtected, stopping: this.#stopping };
  }

  #metrics(): string {
    const gauge = (name: string, help: string, value: number) => ({ name, type: "gauge" as const, help, value });
    const counter = <T>(name: string, help: string, value: T) => ({ name, type: "counter" as const, help, value });
    const by = (label: string, counts: ReadonlyMap<string, number>) => ({ label, counts });
    const { calls, failures } = this.#counted;
    return prometheusText([
      gauge("spotproof_units_in_progress", "Units of work in progress.", this.#units.inProgress),
      gauge("spotproof_protected", "Whether the task is protected.", this.#work.isProtected ? 1 : 0),
      counter("spotproof_units_expired_total", "Units that nobody ended in time.", this.#units.expired),
      counter("spotproof_unprotected_seconds_total", "Work without protection.", this.#work.unprotectedMs / 1000),
      counter("spotproof_protection_calls_total", "Calls to the ECS agent.", by("call", calls)),
      counter("spotproof_protection_failures_total", "Calls that failed, by why.", by("kind", failures)),
    ]);
  }

  #log(record: Readonly<Record<string, unknown>>): void {
    this.#options.log?.({ ...record, inProgress: this.#units.inProgress });
  }
}

function refused(status: number, error: string): Answer {
  return { status, body: { error } };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
