import { once } from "node:events";
import { createServer, get, request, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { connect } from "node:net";
import { type AddressInfo } from "node:net";
import { expect } from "chai";
import express from "express";
import { protectRequests, protectUpgrades, type ProtectRequestsOptions } from "../../runtime/middleware";

/** Counts as WorkProtection does, and lets a test wait for a number. */
class Count {
  begun = 0;
  inProgress = 0;
  readonly #waiting: (() => void)[] = [];

  begin(): () => void {
    this.begun++;
    this.#change(1);
    let ended = false;
    return () => {
      if (!ended) this.#change(-1);
      ended = true;
    };
  }

  async reach(inProgress: number): Promise<void> {
    while (this.inProgress !== inProgress) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #change(by: number): void {
    this.inProgress += by;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function statusOf(server: Server, path: string, headers: Record<string, string> = {}): Promise<number> {
  const asked = get({ port: portOf(server), path, headers, agent: false });
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response.statusCode!;
}

describe("the middleware", () => {
  let server: Server;
  let work: Count;
  /** Requests that wait for their answer. */
  let waiting: (() => void)[];

  const listen = async (listener: RequestListener): Promise<void> => {
    server = createServer(listener);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  };
  const nodeServer = (options?: ProtectRequestsOptions): Promise<void> => {
    const protect = protectRequests(work, options);
    return listen((asked, response) =>
      protect(asked, response, () => {
        if (asked.url === "/wait") waiting.push(() => response.end());
        else response.end();
      }),
    );
  };
  const expressServer = (options?: ProtectRequestsOptions): Promise<void> => {
    const app = express();
    const router = express.Router();
    app.use(protectRequests(work, options));
    router.get("/ready", (_asked, response) => void response.end());
    app.use("/status", protectRequests(work, options), router);
    app.get("/wait", (_asked, response) => void waiting.push(() => response.end()));
    app.get("/fails", async () => Promise.reject(new Error("as a handler may")));
    app.use((_error: Error, _asked: express.Request, response: express.Response, _next: express.NextFunction) => {
      response.status(500).end();
    });
    return listen(app as RequestListener);
  };

  beforeEach(() => {
    work = new Count();
    waiting = [];
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  for (const [name, start] of [
    ["node:http", nodeServer],
    ["Express", expressServer],
  ] as const) {
    it(`counts a request of ${name} from its beginning until it is answered`, async () => {
      await start();
      const answers = [statusOf(server, "/wait"), statusOf(server, "/wait")];
      await work.reach(2);
      while (waiting.length < 2) await new Promise(setImmediate);
      for (const answer of waiting) answer();
      expect(await Promise.all(answers)).to.deep.equal([200, 200]);
      await work.reach(0);
      expect(work.begun).to.equal(2);
    });

    it(`ends a request of ${name} whose client has gone`, async () => {
      await start();
      const asked = get({ port: portOf(server), path: "/wait", agent: false });
      asked.on("error", () => {});
      await work.reach(1);
      asked.destroy();
      await work.reach(0);
    });

    it(`leaves the balancer's health checks of ${name} out, and the paths that it is given`, async () => {
      await start({ leaveOutPaths: ["/status/ready"] });
      await statusOf(server, "/any", { "user-agent": "ELB-HealthChecker/2.0" });
      await statusOf(server, "/status/ready?verbose=1");
      expect(work.begun).to.equal(0);
      await statusOf(server, "/status/readyness");
      expect(work.begun).to.be.above(0);
    });
  }

  it("ends a request of Express whose handler fails", async () => {
    await expressServer();
    expect(await statusOf(server, "/fails")).to.equal(500);
    await work.reach(0);
    expect(work.begun).to.equal(1);
  });

  it("doesn't begin what was over before it was called", async () => {
    const protect = protectRequests(work);
    const left = new Promise<void>((resolve) => {
      void listen((asked, response) => {
        response.once("close", () => protect(asked, response, resolve));
        asked.socket.destroy();
      }).then(() => get({ port: portOf(server), agent: false }).on("error", () => {}));
    });
    await left;
    expect(work.begun).to.equal(0);
  });

  it("counts an upgraded connection until it closes", async () => {
    await nodeServer();
    expect(() => protectUpgrades(server, work)).to.throw("attach the WebSocket server first");
    server.on("upgrade", (_asked, socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n");
      socket.on("data", () => socket.end());
    });
    protectUpgrades(server, work);
    const asked = request({ port: portOf(server), headers: { connection: "upgrade", upgrade: "echo" }, agent: false });
    asked.end();
    const [, socket] = (await once(asked, "upgrade")) as [IncomingMessage, ReturnType<typeof connect>];
    await work.reach(1);
    socket.write("bye");
    await work.reach(0);
    socket.destroy();
  });
});
