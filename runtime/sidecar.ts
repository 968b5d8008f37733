/**
 * Work protection for any language: a small HTTP server that a container of the same task tells what it works on, or, where
 * there are queues, that gives it jobs (`sidecar/jobRoutes.ts`).
 *
 * - `PUT /units/<id>?ttlSeconds=900` begins a unit, or renews it: 201 or 200
 * - `DELETE /units/<id>` ends it: 200, also where it had ended
 * - `GET /health`, `GET /metrics`
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ConsumerEvent } from "./consumer/events";
import type { SqsPort } from "./consumer/port";
import { realTimers } from "./realTimers";
import { decoded, ok, refused, type Answer } from "./sidecar/answer";
import { Jobs } from "./sidecar/jobs";
import { counter, CountedProtection, gauge, prometheusText } from "./sidecar/metrics";
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
  /** Where the settings name queues. */
  readonly sqs?: SqsPort;
  /** Told of every event of a job, also of those that aren't logged. @default nobody */
  readonly report?: (event: ConsumerEvent) => void;
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
  readonly #jobs: Jobs | undefined;
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
    this.#jobs = this.#makeJobs();
    this.server = createServer((request, response) => this.#serve(request, response));
  }

  /** Goes on serving until every unit and job has ended, or the stop timeout is over; then closes, and never rejects. */
  async shutDown(): Promise<void> {
    this.#stopping = true;
    this.#log({ kind: "stopping" });
    await Promise.all([this.#units.none(this.#longestStopMs), this.#jobs?.stop(this.#longestStopMs)]);
    this.#log({ kind: "stopped", cut: this.#units.ids });
    await new Promise<void>((resolve) => {
      this.#timers.after(LAST_ANSWERS_MS, resolve);
      this.server.close(() => resolve());
    });
  }

  get #longestStopMs(): number {
    return (this.#options.settings.stopTimeoutSeconds - MARGIN_SECONDS) * 1000;
  }

  /** For a container that is told to stop before the sidecar is. */
  #stopJobs(method: string, jobs: Jobs): Answer {
    if (method !== "POST") return refused(405, `${method} /stop: only POST`);
    void jobs.stop(this.#longestStopMs);
    return ok(this.#state());
  }

  #makeJobs(): Jobs | undefined {
    const { settings, sqs, report } = this.#options;
    if (settings.jobs === undefined || sqs === undefined) return undefined;
    const work = settings.jobs.protectsWork ? this.#work : undefined;
    const shared = { stopTimeoutSeconds: settings.stopTimeoutSeconds, work, timers: this.#timers };
    const log = (record: Readonly<Record<string, unknown>>): void => this.#log(record);
    return new Jobs({ ...settings.jobs, ...shared, sqs, log, report });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const [path = "", query = ""] = (request.url ?? "").split("?", 2);
    const send = (answer: Answer): void => this.#send(response, answer);
    if (this.#jobs !== undefined && /^\/job(\/|$)/.test(path)) {
      return this.#jobs.routes.serve({ path, query }, request, response, send);
    }
    send(this.#answer(request.method ?? "", path, query));
    request.resume();
  }

  #send(response: ServerResponse, { status, body }: Answer): void {
    const isText = typeof body === "string";
    if (this.#stopping) response.setHeader("connection", "close");
    response.writeHead(status, { "content-type": isText ? "text/plain; version=0.0.4" : "application/json" });
    response.end(isText || body === undefined ? body : `${JSON.stringify(body)}\n`);
  }

  #answer(method: string, path: string, query: string): Answer {
    if (path === "/stop" && this.#jobs !== undefined) return this.#stopJobs(method, this.#jobs);
    if (path.startsWith("/units/")) return this.#unit(method, path.slice("/units/".length), query);
    if (method !== "GET") return refused(405, `${method} ${path}: only GET, and PUT or DELETE /units/<id>`);
    if (path === "/health") return ok(this.#state());
    if (path === "/metrics") return ok(this.#metrics());
    const jobs = this.#jobs === undefined ? "" : "/job, /stop, ";
    return refused(404, `${path}: only ${jobs}/units/<id>, /health and /metrics`);
  }

  #unit(method: string, encodedId: string, query: string): Answer {
    const id = decoded(encodedId);
    if (id === undefined || id === "" || id.length > LONGEST_ID) {
      return refused(400, `the unit's id is ${encodedId.slice(0, LONGEST_ID)}: 1 to ${LONGEST_ID} characters`);
    }
    if (method === "DELETE") return ok({ ended: this.#units.end(id), ...this.#state() });
    if (method !== "PUT") return refused(405, `${method}: only PUT begins or renews a unit, and DELETE ends it`);
    const ttlSeconds = Number(new URLSearchParams(query).get("ttlSeconds") ?? this.#options.settings.unitTtlSeconds);
    if (!(ttlSeconds > 0 && ttlSeconds <= LONGEST_TTL_SECONDS)) {
      return refused(400, `ttlSeconds in ?${query}: more than 0, and at most ${LONGEST_TTL_SECONDS}`);
    }
    const isNew = this.#units.put(id, ttlSeconds * 1000);
    return { status: isNew ? 201 : 200, body: { ttlSeconds, ...this.#state() } };
  }

  #state() {
    const jobs = this.#jobs && { jobs: this.#jobs.inHand };
    const stopping = this.#stopping || this.#jobs?.isStopping === true;
    return { inProgress: this.#units.inProgress, ...jobs, protected: this.#work.isProtected, stopping };
  }

  #metrics(): string {
    const { calls, failures } = this.#counted;
    return prometheusText([
      gauge("spotproof_units_in_progress", "Units of work in progress.", this.#units.inProgress),
      gauge("spotproof_protected", "Whether the task is protected.", this.#work.isProtected ? 1 : 0),
      counter("spotproof_units_expired_total", "Units that nobody ended in time.", this.#units.expired),
      counter("spotproof_unprotected_seconds_total", "Work without protection.", this.#work.unprotectedMs / 1000),
      counter("spotproof_protection_calls_total", "Calls to the ECS agent.", { label: "call", counts: calls }),
      counter("spotproof_protection_failures_total", "Calls that failed, by why.", { label: "kind", counts: failures }),
      ...(this.#jobs?.metrics() ?? []),
    ]);
  }

  #log(record: Readonly<Record<string, unknown>>): void {
    this.#options.log?.({ ...record, inProgress: this.#units.inProgress });
  }
}
