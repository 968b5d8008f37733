/** Queues of thousands of jobs in a moto of their own. */
import { join } from "node:path";
import { SQS } from "@aws-sdk/client-sqs";
import { pythonEnvironment } from "../../../tools/wire/pythonEnvironment";
import { Child } from "../../runtime/child";
import { PLACE } from "../../support/stage";
import type { Work } from "./work";

const MOST_IN_BATCH = 10;
const SENDERS = 4;

/** What a container has of its role and Region. */
export const CREDENTIALS = { AWS_REGION: PLACE.region, AWS_ACCESS_KEY_ID: "worker", AWS_SECRET_ACCESS_KEY: "secret" };

export class Queues {
  private constructor(
    private readonly moto: Child,
    private readonly endpoint: string,
    private readonly sqs: SQS,
    /** By name, in the order in which they were asked for. */
    readonly urls: Readonly<Record<string, string>>,
  ) {}

  static async make(names: readonly string[]): Promise<Queues> {
    const moto = new Child(pythonEnvironment().python, ["-u", join(__dirname, "moto_sqs.py")], {});
    const { port } = await moto.event("listening");
    const credentials = { accessKeyId: "publisher", secretAccessKey: "secret" };
    const endpoint = `http://127.0.0.1:${String(port)}`;
    const sqs = new SQS({ endpoint, region: PLACE.region, credentials });
    const made = names.map(async (QueueName) => [QueueName, (await sqs.createQueue({ QueueName })).QueueUrl!] as const);
    return new Queues(moto, endpoint, sqs, Object.fromEntries(await Promise.all(made)));
  }

  /** Of a container that works them off. */
  get environment(): Readonly<Record<string, string>> {
    return { ...CREDENTIALS, AWS_ENDPOINT_URL: this.endpoint };
  }

  /** Their messages' ids, in the order of the jobs. */
  async send(name: string, jobs: readonly Work[]): Promise<string[]> {
    const ids: string[] = [];
    let next = 0;
    const sendOn = async (): Promise<void> => {
      while (next < jobs.length) {
        const from = next;
        next += MOST_IN_BATCH;
        const Entries = jobs.slice(from, next).map((job, index) => {
          return { Id: String(from + index), MessageBody: JSON.stringify(job) };
        });
        const { Successful = [] } = await this.sqs.sendMessageBatch({ QueueUrl: this.urls[name], Entries });
        for (const { Id, MessageId } of Successful) ids[Number(Id)] = MessageId!;
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sendOn));
    return ids;
  }

  /** Messages of all queues that are not deleted, seen and hidden. */
  async left(): Promise<number> {
    const counts = Object.values(this.urls).map(async (QueueUrl) => {
      const { Attributes = {} } = await this.sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] });
      return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  async stop(): Promise<void> {
    this.sqs.destroy();
    this.moto.kill();
    await this.moto.exited;
  }
}
