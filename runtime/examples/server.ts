/** A server on Node.js alone that protects its requests and ends without losing one. Elsewhere: from "spotproof-runtime". */
import { createServer } from "node:http";
import { agentProtection, gracefulShutdown, protectRequests, WorkProtection } from "../index";

const log = (event: object): void => console.log(JSON.stringify(event));

const work = new WorkProtection({ protection: agentProtection(), report: log });
const protect = protectRequests(work, { leaveOutPaths: ["/health"] });

const server = createServer((request, response) => {
  protect(request, response, () => {
    if (request.url === "/health") shutdown.health(request, response);
    else response.end("hello\n");
  });
});

const shutdown = gracefulShutdown(server, { stopTimeoutSeconds: 60, report: log });

server.listen(Number(process.env.PORT ?? 3000), () => log({ kind: "listening" }));
