/** A worker that loses no job, in the container of an `SqsWorkerTier`. Elsewhere: from "spotproof-runtime". */
import { setTimeout as wait } from "node:timers/promises";
import { SQS } from "@aws-sdk/client-sqs";
import { runConsumer } from "../index";

interface Mail {
  readonly to: string;
}

async function send({ to }: Mail, signal: AbortSignal): Promise<void> {
  if (!to.includes("@")) throw new Error(`${to} is no address`);
  // In the place of a mail server; the signal says that the job was taken away.
  await wait(50, undefined, { signal });
  console.log(JSON.stringify({ kind: "sent", to }));
}

runConsumer({ sqs: new SQS(), handler: ({ body, signal }) => send(JSON.parse(body) as Mail, signal) });
