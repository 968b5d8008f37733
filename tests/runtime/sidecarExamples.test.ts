import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../project/project";
import { Child } from "./child";
import { FakeAgent } from "./fakeAgent";
import { SqsServer } from "./sidecar/sqsServer";

const MAIN = join(ROOT, "runtime/sidecar/main.ts");
const example = (name: string): string => join(ROOT, "runtime/examples", name);

describe("the example workers", function () {
  this.timeout(120_000);
  let agent: FakeAgent;
  let server: SqsServer;
  let children: Child[];

  beforeEach(async () => {
    agent = await new FakeAgent().start();
    server = await new SqsServer().start();
    children = [];
  });
  afterEach(() => {
    for (const child of children) child.kill();
    agent.stop();
    server.stop();
  });

  const started = (child: Child): Child => {
    children.push(child);
    return child;
  };
  /** The stop timeout is short, for a poll that waits is waited for at a stop. */
  const environment = (): Record<string, string> => {
    return { ...server.environment("mail"), ECS_AGENT_URI: agent.uri, SPOTPROOF_STOP_TIMEOUT_SECONDS: "8" };
  };
  const send = (message: object): string => server.sqs.send(server.queueUrl("mail"), JSON.stringify(message));
  const startSidecar = async (): Promise<{ sidecar: Child; url: { SPOTPROOF_SIDECAR_URL: string } }> => {
    const sidecar = started(Child.program(MAIN, { ...environment(), SPOTPROOF_PORT: "0" }));
    const { port } = await sidecar.event("listening");
    return { sidecar, url: { SPOTPROOF_SIDECAR_URL: `http://127.0.0.1:${String(port)}` } };
  };
  /** Where the tool is missing, aloud. */
  const needs = (test: Mocha.Context, tool: string, args: readonly string[]): void => {
    if (spawnSync(tool, args).status === 0) return;
    console.log(`      skipped: there is no ${tool}`);
    test.skip();
  };
  const left = (): number => server.sqs.left(server.queueUrl("mail"));

  it("in Node.js does its jobs, protected, and ends when it is told to", async () => {
    send({ to: "a@b" });
    const refused = send({ to: "nobody" });
    const worker = started(Child.program(example("worker.ts"), environment()));
    expect(await worker.event("sent")).to.include({ to: "a@b" });
    expect(await worker.event("failed")).to.include({ jobId: refused, error: "Error: nobody is no address" });
    await worker.event("protected");
    worker.terminate();
    expect(await worker.exited).to.deep.equal({ code: 0, signal: null });
    expect(left()).to.equal(1);
  });

  it("in Node.js asks the agent for nothing where its jobs are short", async () => {
    const worker = started(Child.program(example("worker.ts"), { ...environment(), SPOTPROOF_PROTECTS_WORK: "false" }));
    send({ to: "a@b" });
    expect(await worker.event("sent")).to.include({ to: "a@b" });
    worker.terminate();
    expect(await worker.exited).to.deep.equal({ code: 0, signal: null });
    expect(left()).to.equal(0);
    expect(agent.calls).to.deep.equal([]);
  });

  /** Sends a job that can be done and, once it is, one that can't. */
  const work = async (
    worker: Child,
    sidecar: Child,
    mailTo: (to: string) => object,
    refusal: string,
  ): Promise<void> => {
    send(mailTo("a@b"));
    expect(await worker.event("sent")).to.include({ to: "a@b" });
    const refused = send(mailTo(""));
    expect(await sidecar.event("failed")).to.include({ jobId: refused, error: refusal });
    await sidecar.event("protected");
  };

  it("in Python does its jobs by the sidecar, and ends when the sidecar stops", async function () {
    needs(this, "python3", ["--version"]);
    const { sidecar, url } = await startSidecar();
    const python = started(new Child("python3", [example("worker.py")], url));
    await work(python, sidecar, (to) => ({ task: "send", args: { to } }), "Error: ValueError(' is no address')");
    sidecar.terminate();
    expect((await python.exited).code).to.equal(0);
    expect((await sidecar.exited).code).to.equal(0);
    expect(left()).to.equal(1);
  });

  it("in Python may be told to stop before the sidecar", async function () {
    needs(this, "python3", ["--version"]);
    const { sidecar, url } = await startSidecar();
    const python = started(new Child("python3", [example("worker.py")], url));
    send({ task: "send", args: { to: "a@b" } });
    await python.event("sent");
    python.terminate();
    expect((await python.exited).code).to.equal(0);
    sidecar.terminate();
    expect((await sidecar.exited).code).to.equal(0);
    expect(left()).to.equal(0);
  });

  it("in Go does its jobs by the sidecar, and ends when it is told to", async function () {
    needs(this, "go", ["version"]);
    const folder = mkdtempSync(join(tmpdir(), "spotproof-worker-"));
    const program = join(folder, "worker");
    const built = spawnSync("go", ["build", "-o", program, example("worker.go")], { encoding: "utf8" });
    expect(built.stderr).to.equal("");
    const { sidecar, url } = await startSidecar();
    const go = started(new Child(program, [], url));
    await work(go, sidecar, (to) => ({ to }), 'Error: {"to":""} has no address');
    go.terminate();
    expect((await go.exited).code).to.equal(0);
    sidecar.terminate();
    expect((await sidecar.exited).code).to.equal(0);
    expect(left()).to.equal(1);
    rmSync(folder, { recursive: true });
  });
});
