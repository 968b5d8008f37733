import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Sidecar } from "../../runtime/sidecar";
import { readSidecarSettings } from "../../runtime/sidecar/settings";
import { FakeClock } from "./fakeClock";
import { FakeEcs } from "./fakeEcs";
import { ask as askServer, type Asked } from "./sidecar/ask";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

describe("the sidecar", () => {
  let clock: FakeClock;
  let ecs: FakeEcs;
  let sidecar: Sidecar;
  let log: Readonly<Record<string, unknown>>[];

  beforeEach(async () => {
    clock = new FakeClock();
    ecs = new FakeEcs(clock);
    log = [];
    const settings = readSidecarSettings({ ECS_AGENT_URI: "http://169.254.170.2/api/1", SPOTPROOF_PORT: "0" });
    sidecar = new Sidecar({ settings, protection: ecs, timers: clock, log: (record) => log.push(record) });
    sidecar.server.listen(0, settings.listenAddress);
    await once(sidecar.server, "listening");
  });
  afterEach(() => {
    sidecar.server.close();
    sidecar.server.closeAllConnections();
  });

  const ask = (method: string, path: string): Promise<Asked> => {
    expect((sidecar.server.address() as AddressInfo).address).to.equal("127.0.0.1");
    return askServer(sidecar.server, method, path);
  };
  const put = (path: string) => ask("PUT", `/units/${path}`);

  it("begins, renews and ends units by name", async () => {
    expect(await put("job%2F1")).to.include({ status: 201 });
    expect((await put("job%2F1?ttlSeconds=60")).status).to.equal(200);
    expect((await put("job-2")).status).to.equal(201);
    await clock.goOn(SECOND);
    expect(JSON.parse((await ask("GET", "/health")).body)).to.deep.equal({
      inProgress: 2,
      protected: true,
      stopping: false,
    });
    expect(ecs.leftMs).to.be.above(0);
    expect(JSON.parse((await ask("DELETE", "/units/job%2F1")).body)).to.include({ ended: true, inProgress: 1 });
    expect(JSON.parse((await ask("DELETE", "/units/job%2F1")).body)).to.include({ ended: false, inProgress: 1 });
    await ask("DELETE", "/units/job-2");
    await clock.goOn(20 * SECOND);
    expect(ecs.leftMs).to.equal(0);
  });

  it("ends a unit that nobody renewed, and no other", async () => {
    await put("crashed");
    await put("renewed");
    await clock.goOn(14 * MINUTE);
    await put("renewed");
    await clock.goOn(2 * MINUTE);
    expect(JSON.parse((await ask("DELETE", "/units/crashed")).body)).to.include({ ended: false });
    expect(JSON.parse((await ask("DELETE", "/units/renewed")).body)).to.include({ ended: true });
    expect((await ask("GET", "/metrics")).body).to.include("spotproof_units_expired_total 1\n");
  });

  it("gives metrics as Prometheus reads them", async () => {
    ecs.outcome = "refused";
    await put("job");
    await clock.goOn(300);
    ecs.outcome = "answered";
    await clock.goOn(2 * SECOND);
    const { body } = await ask("GET", "/metrics");
    const samples = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(samples.map((line) => line.split(" ")[0])).to.deep.equal([
      "spotproof_units_in_progress",
      "spotproof_protected",
      "spotproof_units_expired_total",
      "spotproof_unprotected_seconds_total",
      'spotproof_protection_calls_total{call="get"}',
      'spotproof_protection_calls_total{call="protect"}',
      'spotproof_protection_calls_total{call="release"}',
      'spotproof_protection_failures_total{kind="failing"}',
    ]);
    expect(body)
      .to.match(/_progress 1\n/)
      .and.match(/_protected 1\n/);
    expect(body)
      .to.match(/"protect"} 2\n/)
      .and.match(/"failing"} 1\n/);
    expect(Number(/^spotproof_unprotected_seconds_total (\S+)/m.exec(body)![1])).to.be.within(0.3, 2);
    for (const line of body.trim().split("\n")) expect(line).to.match(/^(# (HELP|TYPE) \S+ .+|\S+ [\d.]+)$/);
  });

  it("says what it takes where it is asked for something else", async () => {
    for (const [method, path, status, text] of [
      ["PUT", "/units/", 400, "1 to 200 characters"],
      ["PUT", "/units/%zz", 400, "1 to 200 characters"],
      ["PUT", "/units/job?ttlSeconds=0", 400, "more than 0, and at most 172800"],
      ["PUT", "/units/job?ttlSeconds=soon", 400, "more than 0"],
      ["POST", "/units/job", 405, "only PUT"],
      ["POST", "/health", 405, "only GET"],
      ["GET", "/", 404, "only /units/<id>, /health and /metrics"],
    ] as const) {
      const answer = await ask(method, path);
      expect(answer.status, `${method} ${path}`).to.equal(status);
      expect((JSON.parse(answer.body) as { error: string }).error).to.include(text);
    }
    expect(ecs.calls).to.be.empty;
  });

  it("goes on serving when it is stopped, until its units have ended", async () => {
    await put("job");
    let closed = false;
    const stopped = sidecar.shutDown().then(() => (closed = true));
    await clock.goOn(10 * SECOND);
    expect((await put("another")).status).to.equal(201);
    expect(JSON.parse((await ask("DELETE", "/units/job")).body)).to.include({ ended: true, stopping: true });
    await clock.goOn(10 * SECOND);
    expect(closed).to.equal(false);
    await ask("DELETE", "/units/another");
    await clock.goOn(SECOND);
    await stopped;
    expect(log.at(-1)).to.deep.include({ kind: "stopped", cut: [] });
  });

  it("stops before SIGKILL, and names the units that it leaves", async () => {
    await put("endless");
    const stopped = sidecar.shutDown();
    await clock.goOn(30 * SECOND);
    await stopped;
    expect(log.at(-1)).to.deep.include({ kind: "stopped", cut: ["endless"] });
  });
});

describe("the sidecar's settings", () => {
  const agentUri = { ECS_AGENT_URI: "http://169.254.170.2/api/1" };

  it("have defaults for all but the agent", () => {
    expect(readSidecarSettings({ ...agentUri, SPOTPROOF_PORT: "" })).to.deep.equal({
      agentUri: agentUri.ECS_AGENT_URI,
      listenAddress: "127.0.0.1",
      port: 8383,
      unitTtlSeconds: 900,
      stopTimeoutSeconds: 30,
      times: { expiresInMinutes: 60, renewAfterMinutes: 50, idleSeconds: 15, checkSeconds: 60 },
    });
  });

  it("are refused all at once where they are wrong", () => {
    const wrong = { SPOTPROOF_PORT: "http", SPOTPROOF_STOP_TIMEOUT_SECONDS: "1", SPOTPROOF_EXPIRES_IN_MINUTES: "45" };
    expect(() => readSidecarSettings(wrong)).to.throw(
      /ECS_AGENT_URI is not set: .*PORT is http: .*STOP_TIMEOUT_SECONDS is 1: .*renewAfterMinutes is 50: .*task definition/,
    );
  });
});
