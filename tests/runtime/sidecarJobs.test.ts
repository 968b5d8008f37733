import { once } from "node:events";
import { expect } from "chai";
import { Sidecar } from "../../runtime/sidecar";
import { readSidecarSettings } from "../../runtime/sidecar/settings";
import { FakeSqs } from "./consumer/fakeSqs";
import { FakeClock } from "./fakeClock";
import { FakeEcs } from "./fakeEcs";
import { ask as askServer, begin, leave, type Asked } from "./sidecar/ask";

const SECOND = 1000;
const HIGH = "https://sqs/high";
const LOW = "https://sqs/low";
const QUEUES = JSON.stringify([
  { name: "high", url: HIGH },
  { name: "low", url: LOW },
]);
const ENVIRONMENT = {
  ECS_AGENT_URI: "http://169.254.170.2/api/1",
  SPOTPROOF_PORT: "0",
  SPOTPROOF_QUEUES: QUEUES,
  SPOTPROOF_CONCURRENCY: "2",
};

interface Handed {
  readonly id: string;
  readonly messageId: string;
  readonly body: string;
  readonly queue: string;
  readonly receiveCount: number;
  readonly sentAt: number;
  readonly attributes: object;
  readonly leaseSeconds: number;
}

describe("the sidecar's jobs", () => {
  let clock: FakeClock;
  let ecs: FakeEcs;
  let sqs: FakeSqs;
  let sidecar: Sidecar;
  let log: Readonly<Record<string, unknown>>[];

  beforeEach(async () => {
    clock = new FakeClock();
    ecs = new FakeEcs(clock);
    sqs = new FakeSqs(clock);
    log = [];
    await start(ENVIRONMENT);
  });
  afterEach(() => close());

  const start = async (environment: Record<string, string>): Promise<void> => {
    const settings = readSidecarSettings(environment);
    sidecar = new Sidecar({ settings, protection: ecs, timers: clock, sqs, log: (record) => log.push(record) });
    sidecar.server.listen(0, settings.listenAddress);
    await once(sidecar.server, "listening");
  };
  const close = (): void => {
    sidecar.server.close();
    sidecar.server.closeAllConnections();
  };

  const ask = (method: string, path: string, body = ""): Promise<Asked> =>
    askServer(sidecar.server, method, path, body);
  const get = (query = "") => begin(sidecar.server, "GET", `/job${query}`);
  const take = async (query = ""): Promise<Handed> => {
    const asked = await get(query);
    await clock.goOn(SECOND);
    const { status, body } = await asked.answer;
    expect(status).to.equal(200);
    return JSON.parse(body) as Handed;
  };
  const say = async (id: string, verb: string, said?: object): Promise<Asked> => {
    const answer = await ask("POST", `/job/${id}/${verb}`, said && JSON.stringify(said));
    await clock.goOn(SECOND);
    return answer;
  };
  const metric = async (name: string): Promise<number> => {
    const { body } = await ask("GET", "/metrics");
    return Number(
      body
        .split("\n")
        .find((line) => line.startsWith(`${name} `))!
        .split(" ")[1],
    );
  };

  it("are given to who waits, with all that is known of them, and those of the first queue first", async () => {
    sqs.send(LOW, "later");
    const messageId = sqs.send(HIGH, '{"to":"a"}');
    const job = await take();
    expect(job).to.deep.equal({
      id: `${messageId}.1`,
      messageId,
      body: '{"to":"a"}',
      queue: "high",
      receiveCount: 1,
      sentAt: Date.parse("2026-11-25T00:00:00Z"),
      attributes: {},
      leaseSeconds: 60,
    });
    expect(await take("?leaseSeconds=5")).to.include({ queue: "low", leaseSeconds: 5 });
  });

  it("come to who waited before they were there", async () => {
    const asked = await get();
    await clock.goOn(10 * SECOND);
    sqs.send(HIGH, "job");
    await clock.goOn(SECOND);
    expect((await asked.answer).status).to.equal(200);
  });

  it("are deleted once they are done, and protect the task until then", async () => {
    sqs.send(HIGH, "job");
    const { id } = await take();
    expect(ecs.leftMs).to.be.above(0);
    expect(JSON.parse((await ask("GET", "/health")).body)).to.include({ jobs: 1, protected: true });
    expect(JSON.parse((await say(id, "done")).body)).to.deep.equal({ ended: "done", stopping: false });
    expect(sqs.deleted).to.have.lengthOf(1);
    await clock.goOn(20 * SECOND);
    expect(ecs.leftMs).to.equal(0);
    expect(await metric('spotproof_jobs_total{outcome="done"}')).to.equal(1);
  });

  it("don't protect the task where they needn't", async () => {
    close();
    await start({ ...ENVIRONMENT, SPOTPROOF_PROTECTS_WORK: "false" });
    sqs.send(HIGH, "job");
    const { id } = await take();
    await clock.goOn(20 * SECOND);
    expect(ecs.leftMs).to.equal(0);
    expect((await say(id, "done")).status).to.equal(200);
  });

  it("that failed come back when the client says, and are logged with its reason", async () => {
    sqs.send(HIGH, "job");
    const { id } = await take();
    await say(id, "failed", { reason: "no such user", retryAfterSeconds: 30 });
    expect(log.find(({ kind }) => kind === "failed")).to.include({ error: "Error: no such user", retryInSeconds: 30 });
    await clock.goOn(25 * SECOND);
    expect(sqs.hidden(HIGH)).to.have.lengthOf(1);
    await clock.goOn(5 * SECOND);
    expect(await take()).to.include({ receiveCount: 2 });
  });

  it("that a client gives back come back at once", async () => {
    sqs.send(HIGH, "job");
    const { id, messageId } = await take();
    expect((await say(id, "giveBack", { reason: "saved at 40 %" })).status).to.equal(200);
    expect(await take()).to.include({ messageId, receiveCount: 2 });
  });

  it("stay with a client that is heard of within its lease, however long they take", async () => {
    sqs.send(HIGH, "job");
    const { id } = await take("?leaseSeconds=10");
    for (let beats = 0; beats < 20; beats++) {
      await clock.goOn(8 * SECOND);
      const { body } = await ask("POST", `/job/${id}/heartbeat`);
      expect(JSON.parse(body)).to.include({ stopping: false, leaseSeconds: 10 });
    }
    expect(sqs.hidden(HIGH)).to.have.lengthOf(1);
    expect((await say(id, "done")).status).to.equal(200);
    expect(sqs.left(HIGH)).to.equal(0);
  });

  it("are given back where their client isn't heard of, which is told so if it wakes up", async () => {
    sqs.send(HIGH, "job");
    const { id, messageId } = await take("?leaseSeconds=10");
    await clock.goOn(11 * SECOND);
    expect(await metric("spotproof_job_leases_expired_total")).to.equal(1);
    const again = await take();
    expect(again).to.include({ messageId, receiveCount: 2 }).and.to.not.include({ id });
    for (const verb of ["done", "failed", "giveBack", "heartbeat"]) {
      const { status, body } = await say(id, verb);
      expect(status).to.equal(410);
      expect(body).to.include("another worker may have it").and.include("wasn't heard of for 10 s");
    }
    expect((await say(again.id, "done")).status).to.equal(200);
    expect(sqs.deleted).to.deep.equal([messageId]);
  });

  it("are settled once: the same word again is heard, another one isn't", async () => {
    sqs.send(HIGH, "job");
    const { id } = await take();
    expect((await say(id, "done")).status).to.equal(200);
    expect((await say(id, "done")).status).to.equal(200);
    for (const verb of ["failed", "giveBack", "heartbeat"]) {
      const { status, body } = await say(id, verb);
      expect(status, verb).to.equal(409);
      expect(body).to.include("ended as done");
    }
    expect(sqs.calls.delete).to.equal(1);
  });

  it("are none where none comes in time", async () => {
    const asked = await get("?waitSeconds=3");
    await clock.goOn(4 * SECOND);
    expect(await asked.answer).to.deep.equal({ status: 204, body: "" });
  });

  it("are no more than the concurrency at once: another client waits until one is settled", async () => {
    for (let n = 0; n < 3; n++) sqs.send(HIGH, "job");
    const { id } = await take();
    await take();
    const third = await get();
    await clock.goOn(SECOND);
    expect(sqs.hidden(HIGH)).to.have.lengthOf(2);
    await say(id, "failed", { retryAfterSeconds: 60 });
    expect((await third.answer).status).to.equal(200);
  });

  it("aren't received while nobody asks", async () => {
    sqs.send(HIGH, "job");
    await clock.goOn(60 * SECOND);
    expect(sqs.calls.receive).to.equal(0);
  });

  it("that come when their client has gone are the next one's", async () => {
    const gone = await get();
    await clock.goOn(SECOND);
    await leave(gone);
    const messageId = sqs.send(HIGH, "job");
    await clock.goOn(SECOND);
    expect(sqs.hidden(HIGH)).to.deep.equal([messageId]);
    expect(await take()).to.include({ messageId, receiveCount: 1 });
  });

  it("that come when their client has gone go back soon where there is no next one", async () => {
    const gone = await get();
    await clock.goOn(SECOND);
    await leave(gone);
    sqs.send(HIGH, "job");
    await clock.goOn(7 * SECOND);
    expect(sqs.hidden(HIGH)).to.be.empty;
    expect(log.at(-1)).to.include({ kind: "givenBack", reason: "no client asked for it" });
  });

  it("say what they take where something else is asked", async () => {
    sqs.send(HIGH, "job");
    const { id } = await take();
    for (const [method, path, body, status, text] of [
      ["POST", "/job", "", 405, "only GET"],
      ["GET", "/job?waitSeconds=61", "", 400, "waitSeconds from 0 to 60"],
      ["GET", "/job?leaseSeconds=", "", 400, "leaseSeconds from 1 to 43200"],
      ["GET", `/job/${id}/done`, "", 405, "only POST"],
      ["POST", `/job/${id}`, "", 404, "only /job and /job/<id>/heartbeat|done|failed|giveBack"],
      ["POST", `/job/${id}/done/twice`, "", 404, "only /job"],
      ["POST", "/job/%zz/done", "", 404, "only /job"],
      ["POST", "/job/unknown.1/done", "", 404, "no job that was handed out here"],
      ["POST", `/job/${id}/failed`, "soon", 400, "the body is"],
      ["POST", `/job/${id}/failed`, '{"retryAfterSeconds":-1}', 400, "0 or more"],
      ["POST", `/job/${id}/failed`, '{"reason":7}', 400, "the body is"],
      ["GET", "/stop", "", 405, "only POST"],
      ["GET", "/jobs", "", 404, "only /job, /stop, /units/<id>, /health and /metrics"],
    ] as const) {
      const answer = await ask(method, path, body);
      expect(answer.status, `${method} ${path}`).to.equal(status);
      expect((JSON.parse(answer.body) as { error: string }).error).to.include(text);
    }
    expect((await say(id, "done")).status).to.equal(200);
  });

  describe("when the sidecar is stopped", () => {
    it("are handed out no more: who waits or asks is told so", async () => {
      const waiting = await get();
      await clock.goOn(SECOND);
      const stopped = sidecar.shutDown();
      sqs.send(HIGH, "job");
      expect(await waiting.answer).to.deep.equal({ status: 503, body: '{"stopping":true}\n' });
      expect((await (await get()).answer).status).to.equal(503);
      await clock.goOn(20 * SECOND);
      await stopped;
      expect(sqs.hidden(HIGH)).to.be.empty;
      expect(sqs.left(HIGH)).to.equal(1);
    });

    it("may go on in the stop timeout: each heartbeat says how long", async () => {
      sqs.send(HIGH, "job");
      const { id } = await take();
      const stopped = sidecar.shutDown();
      await clock.goOn(10 * SECOND);
      expect(JSON.parse((await ask("POST", `/job/${id}/heartbeat`)).body)).to.include({
        stopping: true,
        remainingSeconds: 15,
      });
      expect(JSON.parse((await ask("POST", `/job/${id}/done`)).body)).to.deep.equal({ ended: "done", stopping: true });
      await clock.goOn(10 * SECOND);
      await stopped;
      expect(sqs.left(HIGH)).to.equal(0);
    });

    it("end in the same way where a container that is stopped first says so", async () => {
      sqs.send(HIGH, "job");
      const { id } = await take("?leaseSeconds=100");
      expect(JSON.parse((await ask("POST", "/stop")).body)).to.include({ jobs: 1, stopping: true });
      expect((await (await get()).answer).status).to.equal(503);
      await clock.goOn(26 * SECOND);
      expect((await say(id, "heartbeat")).status).to.equal(410);
      expect(sqs.hidden(HIGH)).to.be.empty;
      const stopped = sidecar.shutDown();
      await clock.goOn(2 * SECOND);
      await stopped;
    });

    it("are given back before its end where they aren't done", async () => {
      sqs.send(HIGH, "job");
      const { id } = await take("?leaseSeconds=100");
      const stopped = sidecar.shutDown();
      await clock.goOn(26 * SECOND);
      await stopped;
      expect(sqs.hidden(HIGH)).to.be.empty;
      expect(log.find(({ kind }) => kind === "givenBack")).to.include({ reason: "the stop timeout is over" });
      expect(id).to.be.a("string");
    });
  });
});

describe("the sidecar's settings for jobs", () => {
  it("are none without queues", () => {
    const { SPOTPROOF_QUEUES: _, ...rest } = ENVIRONMENT;
    expect(readSidecarSettings(rest).jobs).to.equal(undefined);
    expect(readSidecarSettings({ ...rest, SPOTPROOF_QUEUES: "" }).jobs).to.equal(undefined);
  });

  it("have defaults for all but the queues", () => {
    const { SPOTPROOF_CONCURRENCY: _, ...rest } = ENVIRONMENT;
    const queues = [
      { name: "high", url: HIGH },
      { name: "low", url: LOW },
    ];
    expect(readSidecarSettings(rest).jobs).to.deep.equal({
      queues,
      polling: "strict",
      concurrency: 1,
      protectsWork: true,
      leaseSeconds: 60,
    });
  });

  it("are refused with all others that are wrong", () => {
    const wrong = { SPOTPROOF_QUEUES: "high", SPOTPROOF_LEASE_SECONDS: "0", SPOTPROOF_POLLING: "any" };
    expect(() => readSidecarSettings(wrong)).to.throw(
      /ECS_AGENT_URI is not set: .*LEASE_SECONDS is 0: .*QUEUES is "high": .*POLLING is "any": strict or weighted/,
    );
  });
});
