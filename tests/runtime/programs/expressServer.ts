import type { RequestListener } from "node:http";
import express from "express";
import { protectRequests } from "../../../runtime";
import { answer, serve, work } from "./serve";

serve((shutdown) => {
  const app = express();
  app.use(protectRequests(work, { leaveOutPaths: ["/health"] }));
  app.get("/health", (request, response) => shutdown().health(request, response));
  app.get(["/work", "/stream"], answer);
  return app as RequestListener;
});
