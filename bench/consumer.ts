/** CPU that a consumer of SQS takes for each message: ours, and the npm packages that are used most. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { SQS } from "@aws-sdk/client-sqs";
import { randomStream } from "../rehearsal/inputs/random";
import { CONSUMERS, type ConsumerName, type Start } from "./consumer/consumers";

export interface ConsumerFigure {
  readonly jobs: string;
  readonly consumer: ConsumerName;
  /** Median of the rounds: CPU microseconds of this process, the SDK's included. */
  readonly cpuMicroseconds: number;
  readonly callsPerMessage: number;
  readonly messagesPerSecond: number;
}

interface Round {
  readonly cpuMicroseconds: number;
  readonly calls: number;
  readonly seconds: number;
}

interface Jobs {
  readonly name: string;
  readonly messages: number;
  /** Makes the work of a round. */
  readonly work: () => () => Promise<void>;
}

const ROUNDS = 5;
const SEED = 1;

const JOBS: readonly Jobs[] = [
  { name: "jobs that take no time", messages: 1500, work: () => () => Promise.resolve() },
  { name: "jobs of 2 to 20 ms", messages: 500, work: () => waits(2, 20) },
];

/** The same times in every round. */
function waits(leastMs: number, mostMs: number): () => Promise<void> {
  const random = randomStream(SEED, "work");
  return () => wait(leastMs + random() * (mostMs - leastMs));
}

/** Rounds take turns, so that what else the machine does meets all of them; the first is to warm up. */
export async function benchConsumer(
  print: (line: string) => void = console.log,
  kinds: readonly Jobs[] = JOBS,
): Promise<ConsumerFigure[]> {
  const server = await Server.start();
  try {
    const figures: ConsumerFigure[] = [];
    for (const jobs of kinds) figures.push(...(await measure(server, jobs)));
    for (const figure of figures) print(lineOf(figure, figures));
    return figures;
  } finally {
    server.stop();
  }
}

async function measure(server: Server, jobs: Jobs): Promise<ConsumerFigure[]> {
  const starts = Object.entries(CONSUMERS) as [ConsumerName, Start][];
  const rounds = new Map<ConsumerName, Round[]>(starts.map(([name]) => [name, []]));
  for (let n = 0; n <= ROUNDS; n++) {
    for (const [name, start] of starts) {
      const round = await server.round(start, jobs);
      if (n > 0) rounds.get(name)!.push(round);
    }
  }
  return [...rounds].map(([consumer, all]) => {
    const median = (of: (round: Round) => number): number => all.map(of).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
    return {
      jobs: jobs.name,
      consumer,
      cpuMicroseconds: median((round) => round.cpuMicroseconds) / jobs.messages,
      callsPerMessage: median((round) => round.calls) / jobs.messages,
      messagesPerSecond: jobs.messages / median((round) => round.seconds),
    };
  });
}

function lineOf(figure: ConsumerFigure, figures: readonly ConsumerFigure[]): string {
  const first = figures.find(({ jobs }) => jobs === figure.jobs)!;
  return [
    `consumer, ${figure.jobs}: ${figure.consumer.padEnd(34)}`,
    `${figure.cpuMicroseconds.toFixed(0).padStart(4)} µs CPU a message`,
    `×${(figure.cpuMicroseconds / first.cpuMicroseconds).toFixed(2)}`,
    `${figure.callsPerMessage.toFixed(2)} calls`,
    `${figure.messagesPerSecond.toFixed(0).padStart(5)} messages/s`,
  ].join("  ");
}

class Server {
  readonly #sqs: SQS;

  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
  ) {
    const credentials = { accessKeyId: "worker", secretAccessKey: "secret" };
    this.#sqs = new SQS({ endpoint: url, region: "eu-west-1", credentials });
  }

  static async start(): Promise<Server> {
    const args = ["-r", "ts-node/register", join(__dirname, "consumer/sqsServer.ts")];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    return new Server(child, `http://127.0.0.1:${said.toString().trim()}`);
  }

  /** From the start of a consumer to the delete of the last message. */
  async round(start: Start, { messages, work }: Jobs): Promise<Round> {
    await this.#ask("POST", `/fill?count=${messages}`);
    const cpu = process.cpuUsage();
    const began = performance.now();
    const drained = this.#ask("GET", "/drained");
    const stop = await start({ sqs: this.#sqs, queueUrl: `${this.url}/123456789012/queue`, work: work() });
    const { calls } = (await drained) as { readonly calls: number };
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - began) / 1000;
    const stopped = stop();
    await this.#ask("POST", "/release");
    await stopped;
    return { cpuMicroseconds: user + system, calls, seconds };
  }

  stop(): void {
    this.#sqs.destroy();
    this.child.stdin!.end();
  }

  async #ask(method: string, path: string): Promise<unknown> {
    return (await fetch(`${this.url}${path}`, { method })).json();
  }
}

if (require.main === module) void benchConsumer();
