/**
 * Jobs over HTTP.
 *
 * - `GET /job?waitSeconds=20&leaseSeconds=60` waits for a job: 200 with it, 204 where none came, 503 where the sidecar stops
 * - `POST /job/<id>/heartbeat` renews the lease, and tells whether the job has to end: 200
 * - `POST /job/<id>/done`, `POST /job/<id>/failed`, `POST /job/<id>/giveBack` end it: 200, also the second time
 * - 404 where there is no such job, 409 where it ended in another way, 410 where it is somebody else's by now
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { decoded, ok, refused, type Answer } from "./answer";
import type { JobDesk } from "./jobDesk";
import type { Ended, Lease } from "./leases";

export interface JobTimes {
  /** Where a client says nothing else. */
  readonly leaseSeconds: number;
}

const WAIT_SECONDS = { byDefault: 20, least: 0, most: 60 };
export const LEASE_SECONDS = { byDefault: 60, least: 1, most: 43_200 };
const LONGEST_BODY = 10_000;

const VERBS = ["heartbeat", "done", "failed", "giveBack"] as const;
type Verb = (typeof VERBS)[number];

/** What a client may say beside the verb. */
interface Said {
  readonly reason?: string;
  readonly retryAfterSeconds?: number;
}

export class JobRoutes {
  constructor(
    private readonly desk: JobDesk,
    private readonly times: JobTimes,
  ) {}

  /** @param path `/job`, or one that begins with `/job/` */
  serve(
    { path, query }: { readonly path: string; readonly query: string },
    request: IncomingMessage,
    response: ServerResponse,
    send: (answer: Answer) => void,
  ): void {
    if (path === "/job") {
      request.resume();
      return this.#next(request.method ?? "", query, response, send);
    }
    text(request).then(
      (body) => send(this.#say(request.method ?? "", path, body)),
      () => response.destroy(),
    );
  }

  #next(method: string, query: string, response: ServerResponse, send: (answer: Answer) => void): void {
    if (method !== "GET") return send(refused(405, `${method} /job: only GET, and POST /job/<id>/${VERBS.join("|")}`));
    const given = new URLSearchParams(query);
    const waitSeconds = seconds(given.get("waitSeconds"), WAIT_SECONDS);
    const leaseSeconds = seconds(given.get("leaseSeconds"), { ...LEASE_SECONDS, byDefault: this.times.leaseSeconds });
    if (waitSeconds === undefined || leaseSeconds === undefined) {
      const allowed = `waitSeconds ${rangeOf(WAIT_SECONDS)}, leaseSeconds ${rangeOf(LEASE_SECONDS)}`;
      return send(refused(400, `GET /job?${query}: ${allowed}`));
    }
    const leave = this.desk.next({ waitSeconds, leaseSeconds }, (offer) => {
      if (offer === "none") return send({ status: 204 });
      if (offer === "stopping") return send({ status: 503, body: { stopping: true } });
      // One that has gone before it was told of its job can't do it.
      response.once("close", () => {
        if (!response.writableFinished) void offer.job.giveBack("its client has gone");
      });
      send(ok(jobBody(offer)));
    });
    response.once("close", leave);
  }

  #say(method: string, path: string, body: string): Answer {
    const [, , encodedId = "", verb = "", ...rest] = path.split("/");
    const id = decoded(encodedId);
    if (id === undefined || !isVerb(verb) || rest.length > 0) {
      return refused(404, `${path}: only /job and /job/<id>/${VERBS.join("|")}`);
    }
    if (method !== "POST") return refused(405, `${method} ${path}: only POST`);
    const said = saidIn(body);
    if (said === undefined) {
      return refused(400, `${path}: the body is {"reason": text, "retryAfterSeconds": 0 or more}, or nothing`);
    }
    const lease = this.desk.leases.held(id);
    return lease === undefined ? this.#late(id, verb) : this.#act(lease, verb, said);
  }

  #act({ id, job, seconds: leaseSeconds }: Lease, verb: Verb, { reason, retryAfterSeconds }: Said): Answer {
    const { leases, isStopping: stopping } = this.desk;
    switch (verb) {
      case "heartbeat":
        leases.renew(id);
        return ok({ stopping, remainingSeconds: Math.floor(job.remainingSeconds()), leaseSeconds });
      case "done":
        leases.end(id, { kind: "done" });
        void job.done();
        return ok({ ended: "done", stopping });
      case "failed":
        leases.end(id, { kind: "failed" });
        void job.failed(new Error(reason ?? "its client gave no reason"), retryAfterSeconds);
        return ok({ ended: "failed", stopping });
      case "giveBack":
        leases.end(id, { kind: "givenBack" });
        void job.giveBack(reason ?? "its client gave it back");
        return ok({ ended: "givenBack", stopping });
    }
  }

  /** What is said of a job that has ended. */
  #late(id: string, verb: Verb): Answer {
    const ended = this.desk.leases.ended(id);
    if (ended === undefined) return refused(404, `${id}: no job that was handed out here, or one of long ago`);
    if (ended.kind === "gone") return refused(410, `${id}: another worker may have it by now. ${ended.reason}`);
    if (ended.kind === SETTLES[verb]) return ok({ ended: ended.kind, stopping: this.desk.isStopping });
    return refused(409, `${id}: it has ended as ${ended.kind}`);
  }
}

const SETTLES: Readonly<Partial<Record<Verb, Ended["kind"]>>> = {
  done: "done",
  failed: "failed",
  giveBack: "givenBack",
};

function jobBody({ id, job, seconds: leaseSeconds }: Lease): object {
  const { id: messageId, body, queue, receiveCount, sentAt, groupId, attributes } = job;
  return { id, messageId, body, queue, receiveCount, sentAt, groupId, attributes, leaseSeconds };
}

const isVerb = (text: string): text is Verb => (VERBS as readonly string[]).includes(text);

interface Range {
  readonly byDefault: number;
  readonly least: number;
  readonly most: number;
}

const rangeOf = ({ least, most }: Range): string => `from ${least} to ${most}`;

function seconds(given: string | null, { byDefault, least, most }: Range): number | undefined {
  if (given === null) return byDefault;
  const value = Number(given);
  return given !== "" && value >= least && value <= most ? value : undefined;
}

function saidIn(body: string): Said | undefined {
  if (body.length > LONGEST_BODY) return undefined;
  try {
    const value = (body.trim() === "" ? {} : JSON.parse(body)) as Partial<Record<keyof Said, unknown>> | null;
    const { reason, retryAfterSeconds } = value ?? {};
    const isRight =
      (reason === undefined || typeof reason === "string") &&
      (retryAfterSeconds === undefined || (typeof retryAfterSeconds === "number" && retryAfterSeconds >= 0));
    return isRight ? { reason, retryAfterSeconds } : undefined;
  } catch {
    return undefined;
  }
}
