/** What the servers under test answer, and how they are set by their environment. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { agentProtection, gracefulShutdown, WorkProtection, type GracefulShutdown } from "../../../runtime";

const say = (event: object): void => console.log(JSON.stringify(event));

export const work = new WorkProtection({ protection: agentProtection(), report: say });

/** `/work?ms=200` answers after so long; `/stream?ms=200` begins at once and ends after so long. */
export function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
  if (pathname === "/stream") response.write("begun ");
  setTimeout(() => response.end("done"), Number(searchParams.get("ms")));
}

export function serve(makeListener: (shutdown: () => GracefulShutdown) => RequestListener): Server {
  const server = createServer(makeListener(() => shutdown));
  const shutdown = gracefulShutdown(server, {
    stopTimeoutSeconds: Number(process.env.STOP_TIMEOUT_SECONDS),
    marginSeconds: 1,
    quietSeconds: Number(process.env.QUIET_SECONDS),
    report: say,
    beforeExit: async () => {
      await work.stop();
      say({ kind: "beforeExit" });
    },
  });
  server.listen(0, "127.0.0.1", () => say({ kind: "listening", port: (server.address() as AddressInfo).port }));
  return server;
}
