import { once } from "node:events";
import { createServer, get, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { expect } from "chai";
import { gracefulShutdown, type GracefulShutdownOptions, type ShutdownEvent } from "../../runtime/gracefulShutdown";
import { FakeClock } from "./fakeClock";
import { textOf } from "./load";

const SECOND = 1000;

describe("a graceful shutdown", () => {
  let clock: FakeClock;
  let server: Server;
  let events: ShutdownEvent[];
  let exits: number[];
  const servers: Server[] = [];
  const sockets: Socket[] = [];

  const start = async (listener: RequestListener, options: GracefulShutdownOptions = {}) => {
    server = createServer(listener);
    const shutdown = gracefulShutdown(server, {
      signals: [],
      timers: clock,
      report: (event) => events.push(event),
      exit: (code) => exits.push(code),
      ...options,
    });
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return shutdown;
  };
  const port = (): number => (server.address() as AddressInfo).port;
  const connected = async (): Promise<Socket> => {
    const socket = connect(port(), "127.0.0.1");
    sockets.push(socket);
    await Promise.all([once(socket, "connect"), once(server, "connection")]);
    return socket;
  };
  const ended = (): ShutdownEvent | undefined => events.find((event) => event.kind === "ended");

  beforeEach(() => {
    clock = new FakeClock();
    events = [];
    exits = [];
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const each of servers.splice(0)) {
      each.close();
      each.closeAllConnections();
    }
  });

  it("keeps idle connections for longer than the balancer", async () => {
    await start(() => {}, { balancerIdleTimeoutSeconds: 400 });
    expect(server.keepAliveTimeout).to.equal(405 * SECOND);
    expect(server.headersTimeout).to.be.above(server.keepAliveTimeout);
    expect(server.requestTimeout).to.be.at.least(server.headersTimeout);
    await start(() => {});
    expect(server.keepAliveTimeout).to.equal(65 * SECOND);
  });

  it("refuses times in which nothing could be finished, all of them at once", () => {
    const wrong = { stopTimeoutSeconds: 2, quietSeconds: -1 };
    expect(() => gracefulShutdown(createServer(), wrong)).to.throw(
      /quietSeconds is -1: .*stopTimeoutSeconds is 2: more than marginSeconds, 2/,
    );
  });

  it("goes on accepting until nobody has asked for five seconds, whoever checks its health", async () => {
    const shutdown = await start((request, response) => {
      if (request.url === "/health") shutdown.health(request, response);
      else response.end("done");
    });
    expect(await textOf(port(), "/health")).to.equal("ok\n");
    const over = shutdown.shutDown();
    expect(shutdown.shuttingDown).to.equal(true);
    await clock.goOn(4 * SECOND);
    expect(await textOf(port(), "/work")).to.equal("done");
    await clock.goOn(4 * SECOND);
    expect(await textOf(port(), "/health")).to.equal("shutting down\n");
    expect(server.listening).to.equal(true);
    await clock.goOn(SECOND);
    await over;
    expect(server.listening).to.equal(false);
    expect(events).to.deep.equal([
      { kind: "began", requestsInProgress: 0, exitsWithinMs: 28 * SECOND },
      { kind: "ended", afterMs: 9 * SECOND, cut: [], connectionsCut: 0 },
    ]);
    expect(exits).to.deep.equal([0]);
  });

  it("stops accepting after half of the stop timeout, though requests still come", async () => {
    const shutdown = await start((_request, response) => response.end("done"));
    const over = shutdown.shutDown();
    for (let second = 0; second < 13; second++) {
      expect(await textOf(port(), "/")).to.equal("done");
      await clock.goOn(SECOND);
    }
    expect(server.listening).to.equal(true);
    await clock.goOn(SECOND);
    await over;
    expect(server.listening).to.equal(false);
  });

  it("tells those under way, and those that still come, to use another connection", async () => {
    const waiting: (() => void)[] = [];
    const shutdown = await start((request, response) => {
      if (request.url === "/wait") waiting.push(() => response.end());
      else response.end();
    });
    const responseTo = async (path: string): Promise<IncomingMessage> => {
      const asked = get({ port: port(), path, headers: { connection: "keep-alive" }, agent: false });
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      response.resume();
      return response;
    };
    expect((await responseTo("/")).headers.connection).to.equal("keep-alive");
    const underWay = responseTo("/wait");
    while (waiting.length === 0) await new Promise(setImmediate);
    const over = shutdown.shutDown();
    expect((await responseTo("/")).headers.connection).to.equal("close");
    await clock.goOn(20 * SECOND);
    expect(ended()).to.equal(undefined);
    waiting[0]!();
    expect((await underWay).headers.connection).to.equal("close");
    await over;
    expect(ended()).to.deep.include({ cut: [], connectionsCut: 0 });
  });

  it("doesn't wait for connections that ask for nothing", async () => {
    const shutdown = await start((_request, response) => response.end());
    await connected();
    const kept = await connected();
    kept.write("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    await once(kept, "data");
    const over = shutdown.shutDown();
    await clock.goOn(5 * SECOND);
    await over;
    expect(ended()).to.include({ afterMs: 5 * SECOND, connectionsCut: 0 });
  });

  it("says what it cuts: requests, and connections that were upgraded", async () => {
    const shutdown = await start(() => {});
    server.on("upgrade", (_request, socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
    const upgraded = await connected();
    upgraded.write("GET /socket HTTP/1.1\r\nHost: test\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
    await once(upgraded, "data");
    const asking = await connected();
    asking.write("POST /orders?id=7 HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
    await once(server, "request");
    await clock.goOn(SECOND);
    const over = shutdown.shutDown();
    await clock.goOn(28 * SECOND);
    await over;
    const cut = [{ method: "POST", url: "/orders?id=7", runningMs: 29 * SECOND }];
    expect(ended()).to.deep.equal({ kind: "ended", afterMs: 28 * SECOND, cut, connectionsCut: 1 });
    expect(exits).to.deep.equal([0]);
  });

  it("exits whatever is done before the exit: where it throws, and where it never ends", async () => {
    for (const [beforeExit, error] of [
      [() => Promise.reject(new Error("no flush")), "no flush"],
      [() => new Promise<void>(() => {}), "beforeExit took longer"],
    ] as const) {
      events = [];
      const shutdown = await start(() => {}, { beforeExit });
      const over = shutdown.shutDown();
      await clock.goOn(28 * SECOND);
      await over;
      expect(String((ended() as { error?: unknown }).error)).to.include(error);
      await shutdown.shutDown();
    }
    expect(exits).to.deep.equal([0, 0]);
  });
});
