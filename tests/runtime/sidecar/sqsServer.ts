import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import type { PortFailure, ReceivedMessage } from "../../../runtime/consumer/port";
import { realTimers } from "../../../runtime/realTimers";
import { FakeSqs } from "../consumer/fakeSqs";
import type { FakeClock } from "../fakeClock";

interface Input {
  readonly QueueUrl: string;
  readonly MaxNumberOfMessages: number;
  readonly WaitTimeSeconds: number;
  readonly VisibilityTimeout: number;
  readonly Entries: readonly {
    readonly Id: string;
    readonly ReceiptHandle: string;
    readonly VisibilityTimeout: number;
  }[];
}

/** SQS in memory, on the machine's clock, as the SDK speaks with it: JSON 1.0 over HTTP. */
export class SqsServer {
  readonly sqs = new FakeSqs({ ...realTimers, wait } as unknown as FakeClock);
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  queueUrl(name: string): string {
    return `${this.#endpoint}/123456789012/${name}`;
  }

  /** Of a container that works off one queue. */
  environment(name: string): Record<string, string> {
    return {
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "worker",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_ENDPOINT_URL_SQS: this.#endpoint,
      SPOTPROOF_QUEUES: JSON.stringify([{ name, url: this.queueUrl(name) }]),
      SPOTPROOF_CONCURRENCY: "4",
    };
  }

  get #endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const input = (await json(request)) as Input;
    const answer = await this.#answer(String(request.headers["x-amz-target"]), input);
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(answer));
  }

  async #answer(target: string, input: Input): Promise<object> {
    const { QueueUrl: queueUrl, Entries = [] } = input;
    switch (target) {
      case "AmazonSQS.ReceiveMessage": {
        const { MaxNumberOfMessages: most, WaitTimeSeconds: waitSeconds, VisibilityTimeout } = input;
        const request = { queueUrl, most, waitSeconds, visibilityTimeoutSeconds: VisibilityTimeout };
        return { Messages: (await this.sqs.receive(request)).map(messageOf) };
      }
      case "AmazonSQS.DeleteMessageBatch": {
        const receipts = Entries.map(({ ReceiptHandle }) => ReceiptHandle);
        return batchAnswer(Entries, await this.sqs.delete(queueUrl, receipts));
      }
      case "AmazonSQS.ChangeMessageVisibilityBatch": {
        const changes = Entries.map(({ ReceiptHandle: receiptHandle, VisibilityTimeout: visibilityTimeoutSeconds }) => {
          return { receiptHandle, visibilityTimeoutSeconds };
        });
        return batchAnswer(Entries, await this.sqs.changeVisibility(queueUrl, changes));
      }
      default:
        throw new Error(`${target}: no operation that a consumer needs`);
    }
  }
}

function messageOf({ messageId, receiptHandle, body, receiveCount, sentAt }: ReceivedMessage): object {
  return {
    MessageId: messageId,
    ReceiptHandle: receiptHandle,
    Body: body,
    MD5OfBody: createHash("md5").update(body).digest("hex"),
    Attributes: { ApproximateReceiveCount: String(receiveCount), SentTimestamp: String(sentAt) },
  };
}

function batchAnswer(entries: Input["Entries"], failures: readonly PortFailure[]): object {
  const failed = new Map(failures.map((failure) => [failure.receiptHandle, failure]));
  return {
    Successful: entries.filter(({ ReceiptHandle }) => !failed.has(ReceiptHandle)).map(({ Id }) => ({ Id })),
    Failed: entries.flatMap(({ Id, ReceiptHandle }) => {
      const failure = failed.get(ReceiptHandle);
      return failure === undefined ? [] : [{ Id, Code: failure.reason, SenderFault: true }];
    }),
  };
}
