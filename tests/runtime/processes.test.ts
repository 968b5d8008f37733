import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../project/project";
import { Child } from "./child";
import { FakeAgent } from "./fakeAgent";
import { Load, textOf } from "./load";

const program = (name: string): string => join(__dirname, "programs", name);

describe("a server that ECS stops", function () {
  this.timeout(60_000);
  let agent: FakeAgent;
  let child: Child;

  beforeEach(async () => {
    agent = await new FakeAgent().start();
  });
  afterEach(() => {
    agent.stop();
    child.kill();
  });

  const start = async (name: string, stopTimeoutSeconds: number, quietSeconds: number): Promise<number> => {
    child = Child.program(program(name), {
      ECS_AGENT_URI: agent.uri,
      STOP_TIMEOUT_SECONDS: String(stopTimeoutSeconds),
      QUIET_SECONDS: String(quietSeconds),
    });
    return (await child.event("listening")).port as number;
  };

  for (const name of ["nodeServer.ts", "expressServer.ts"]) {
    it(`${name} loses no request, though its clients notice late`, async () => {
      const load = new Load(await start(name, 60, 3), 40);
      await load.reach(200);
      child.terminate();
      const { requestsInProgress } = await child.event("began");
      expect(requestsInProgress).to.be.above(0);
      await load.reach(load.answered + 200);
      await load.stop();
      expect(load.errors).to.be.empty;
      expect(await child.exited).to.deep.equal({ code: 0, signal: null });
      expect(await child.event("ended")).to.deep.include({ cut: [], connectionsCut: 0 });
      expect(child.events.map((event) => event.kind)).to.include.members(["protected", "beforeExit", "released"]);
      expect(agent.isProtecting).to.equal(false);
    });
  }

  it("is as short as the example", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    child = Child.program(join(ROOT, "runtime/examples/server.ts"), { ECS_AGENT_URI: agent.uri, PORT: String(port) });
    await child.event("listening");
    expect(await textOf(port, "/health")).to.equal("ok\n");
    expect(agent.calls).to.be.empty;
    expect(await textOf(port, "/")).to.equal("hello\n");
    await child.event("protected");
  });

  it("says which request didn't fit into the stop timeout, and exits in time", async () => {
    const port = await start("nodeServer.ts", 2, 0);
    const lost = textOf(port, "/work?ms=600000").catch((error: unknown) => String(error));
    await child.event("protected");
    child.terminate();
    const { cut } = await child.event("ended");
    expect(cut).to.have.lengthOf(1);
    expect((cut as object[])[0]).to.include({ method: "GET", url: "/work?ms=600000" });
    expect(await child.exited).to.deep.equal({ code: 0, signal: null });
    expect(await lost).to.match(/^Error/);
  });

  it("answers health checks with 503 from the signal on, and protects nothing for them", async () => {
    const port = await start("expressServer.ts", 60, 3);
    expect(await textOf(port, "/health")).to.equal("ok\n");
    const last = textOf(port, "/work?ms=1000");
    await child.event("protected");
    child.terminate();
    await child.event("began");
    expect(await textOf(port, "/health")).to.equal("shutting down\n");
    expect(await last).to.equal("done");
    expect((await child.exited).code).to.equal(0);
  });

  it("serves on where the agent refuses, throttles or is silent, and says so", async () => {
    agent.mood = "throttles";
    const port = await start("nodeServer.ts", 4, 0);
    const slow = textOf(port, "/work?ms=1500");
    expect(await textOf(port, "/work?ms=1")).to.equal("done");
    expect(await child.event("failed")).to.include({ during: "protect" });
    agent.mood = "answers";
    expect(await slow).to.equal("done");
    const { unprotectedMs } = await child.event("protected");
    expect(unprotectedMs).to.be.above(0);
    agent.mood = "is silent";
    child.terminate();
    expect((await child.exited).code).to.equal(0);
  });
});
