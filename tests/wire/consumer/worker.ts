/** A worker's container: works off its queues as its environment says, and tells what becomes of each job, a line each. */
import { setTimeout as wait } from "node:timers/promises";
import { SQS } from "@aws-sdk/client-sqs";
import { runConsumer } from "../../../runtime";
import type { Work } from "./work";

runConsumer({
  sqs: new SQS(),
  handler: ({ body, signal }) => wait((JSON.parse(body) as Work).workMs, undefined, { signal }),
  // A pipe takes what is written at once: no line is lost when its process is killed.
  report: (event) => console.log(JSON.stringify({ ...event, at: Date.now() })),
  write: () => undefined,
});
// From here on it can be told to stop.
console.log(JSON.stringify({ kind: "ready" }));
