import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../project/project";
import { Child } from "./child";
import { FakeAgent } from "./fakeAgent";
import { textOf } from "./load";

const MAIN = join(ROOT, "runtime/sidecar/main.ts");
const WORK = join(__dirname, "programs/work.py");
const CLIENT = join(ROOT, "runtime/examples/client.py");

describe("the sidecar's process", function () {
  this.timeout(60_000);
  let agent: FakeAgent;
  let children: Child[];

  beforeEach(async () => {
    agent = await new FakeAgent().start();
    children = [];
  });
  afterEach(() => {
    agent.stop();
    for (const child of children) child.kill();
  });

  const started = (child: Child): Child => {
    children.push(child);
    return child;
  };

  /** The example client at work on two units, of which the inner one lasts so long without a renewal. */
  const working = (port: number, ttlSeconds: number): Child => {
    const url = { SPOTPROOF_SIDECAR_URL: `http://127.0.0.1:${port}` };
    return started(new Child("python3", [WORK, CLIENT, String(ttlSeconds)], url));
  };
  const needsPython = (test: Mocha.Context): void => {
    if (spawnSync("python3", ["--version"]).status === 0) return;
    console.log("      skipped: there is no python3");
    test.skip();
  };

  it("serves a Python client after SIGTERM until its work is done", async function () {
    needsPython(this);
    const environment = { ECS_AGENT_URI: agent.uri, SPOTPROOF_PORT: "0", SPOTPROOF_STOP_TIMEOUT_SECONDS: "60" };
    const sidecar = started(Child.program(MAIN, environment));
    const port = (await sidecar.event("listening")).port as number;
    const state = async () => JSON.parse(await textOf(port, "/health")) as { inProgress: number; stopping: boolean };

    const python = working(port, 900);
    await python.event("working");
    await sidecar.event("protected");
    expect(agent.isProtecting).to.equal(true);

    sidecar.terminate();
    await sidecar.event("stopping");
    expect(await state()).to.include({ inProgress: 2, stopping: true });
    expect(await textOf(port, "/metrics")).to.include("spotproof_units_expired_total 0\n");
    python.write("\n");
    await python.event("inner ended");
    expect(await state()).to.include({ inProgress: 1 });
    python.write("\n");
    expect(await sidecar.exited).to.deep.equal({ code: 0, signal: null });
    expect(await sidecar.event("stopped")).to.deep.include({ cut: [] });
    expect((await python.exited).code).to.equal(0);
  });

  it("is asked by a Python client to renew a unit while it lasts, and no longer", async function () {
    needsPython(this);
    const asked: string[] = [];
    const counting = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      if (asked.filter((each) => each.startsWith("PUT /units/inner")).length === 4) counting.emit("renewed");
      response.end();
    });
    counting.listen(0, "127.0.0.1");
    await once(counting, "listening");
    const python = working((counting.address() as AddressInfo).port, 0.3);
    await once(counting, "renewed");
    python.write("\n\n");
    expect((await python.exited).code).to.equal(0);
    counting.close();
    const inner = asked.filter((each) => each.includes("inner"));
    expect(inner.indexOf("DELETE /units/inner")).to.equal(inner.length - 1);
    expect(new Set(inner.slice(0, -1))).to.deep.equal(new Set(["PUT /units/inner?ttlSeconds=0.3"]));
  });

  it("may be missing: a Python client works on", async function () {
    needsPython(this);
    const port = Number(new URL(agent.uri).port);
    agent.stop();
    const python = working(port, 900);
    await python.event("working");
    python.write("\n\n");
    await python.event("ended");
    expect((await python.exited).code).to.equal(0);
  });

  it("names every wrong setting and exits with 1", async () => {
    const sidecar = started(Child.program(MAIN, { ECS_AGENT_URI: "", SPOTPROOF_PORT: "http" }));
    expect((await sidecar.exited).code).to.equal(1);
    expect((await sidecar.event("failed")).error)
      .to.include("ECS_AGENT_URI is not set")
      .and.include("SPOTPROOF_PORT is http");
  });
});
