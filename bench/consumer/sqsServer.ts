/**
 * SQS's HTTP interface in a process of its own, so that its CPU isn't counted: one queue of messages that are all the same.
 * `POST /fill?count=` puts messages in, `GET /drained` answers with the calls made once all are deleted, and after
 * `POST /release` nothing waits, so that a consumer can stop.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Less than SQS takes, so that rounds are short. */
const LATENCY_MS = 2;
const BODY = "x".repeat(1024);
const MESSAGE = { Body: BODY, MD5OfBody: createHash("md5").update(BODY).digest("hex") };

interface Request {
  readonly MaxNumberOfMessages?: number;
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly AttributeNames?: readonly string[];
  readonly Entries?: readonly { readonly Id: string }[];
}

type Answer = (body: object) => void;

let waiting = 0;
let sent = 0;
let left = 0;
let calls = 0;
let isReleased = false;
let whenDrained: Answer | undefined;
const polls: { readonly request: Request; readonly answer: Answer }[] = [];

const OPERATIONS: Readonly<Record<string, (request: Request, answer: Answer) => void>> = {
  ReceiveMessage: (request, answer) => {
    if (waiting > 0 || isReleased) answer(receive(request));
    else polls.push({ request, answer });
  },
  DeleteMessage: (_request, answer) => {
    deleted(1);
    answer({});
  },
  DeleteMessageBatch: ({ Entries = [] }, answer) => {
    deleted(Entries.length);
    answer({ Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] });
  },
};

const CONTROL: Readonly<Record<string, (count: number, answer: Answer) => void>> = {
  "/fill": (count, answer) => {
    waiting = left = count;
    calls = 0;
    isReleased = false;
    for (const poll of polls.splice(0)) poll.answer(receive(poll.request));
    answer({});
  },
  "/drained": (_count, answer) => {
    if (left === 0) answer({ calls });
    else whenDrained = answer;
  },
  "/release": (_count, answer) => {
    isReleased = true;
    for (const poll of polls.splice(0)) poll.answer({});
    answer({});
  },
};

function receive({ MaxNumberOfMessages = 1, MessageSystemAttributeNames = [], AttributeNames = [] }: Request): object {
  const count = Math.min(MaxNumberOfMessages, waiting);
  waiting -= count;
  const names = [...MessageSystemAttributeNames, ...AttributeNames];
  const all: Readonly<Record<string, string>> = {
    ApproximateReceiveCount: "1",
    SentTimestamp: String(Date.now()),
    ApproximateFirstReceiveTimestamp: String(Date.now()),
    SenderId: "AROAEXAMPLE:publisher",
  };
  const asked = Object.entries(all).filter(([name]) => names.includes("All") || names.includes(name));
  return { Messages: Array.from({ length: count }, () => message(Object.fromEntries(asked))) };
}

/** A receipt is as long as SQS's. */
function message(Attributes: object): object {
  const id = String(++sent).padStart(12, "0");
  const ReceiptHandle = `${id}${"A".repeat(168)}`;
  return { ...MESSAGE, MessageId: `00000000-0000-4000-8000-${id}`, ReceiptHandle, Attributes };
}

function deleted(count: number): void {
  left -= count;
  // Once the answer to the last delete is there.
  if (left === 0) setTimeout(() => whenDrained?.({ calls }), 2 * LATENCY_MS);
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const answer: Answer = (body) => {
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
  };
  const [path = "", query] = (request.url ?? "").split("?", 2);
  const control = CONTROL[path];
  if (control !== undefined) return control(Number(new URLSearchParams(query).get("count")), answer);
  const operation = String(request.headers["x-amz-target"]).slice("AmazonSQS.".length);
  calls++;
  const run = OPERATIONS[operation];
  if (run === undefined) return void response.writeHead(400).end(`{"message":"no operation ${operation}"}`);
  const input = JSON.parse(Buffer.concat(chunks).toString()) as Request;
  setTimeout(() => {
    // A receive that was given up must not take messages along.
    if (!response.destroyed) run(input, answer);
  }, LATENCY_MS);
}

const server = createServer((request, response) => void serve(request, response));
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
// Whoever started it holds its standard input open.
process.stdin.on("end", () => process.exit(0)).resume();
