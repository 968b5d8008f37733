/** Workers as processes, which are killed and stopped by their own ids and replaced. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Ledger, type Told } from "./ledger";

export class Worker {
  isReady = false;
  /** How it was told to end. */
  told: NodeJS.Signals | undefined;
  readonly exited: Promise<unknown[]>;

  constructor(
    readonly name: string,
    readonly process: ChildProcess,
  ) {
    // "close" comes when the last line has been read.
    this.exited = once(process, "close");
  }

  end(signal: "SIGKILL" | "SIGTERM"): void {
    this.told = signal;
    this.process.kill(signal);
  }
}

export class Fleet {
  readonly ledger = new Ledger();
  readonly workers: Worker[] = [];
  #errors = "";
  #whenNew: () => void = () => undefined;

  constructor(
    private readonly program: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  get alive(): readonly Worker[] {
    return this.workers.filter(({ told }) => told === undefined);
  }

  /** Those that may be told to end: before, a signal finds nobody who listens to it. */
  get ready(): readonly Worker[] {
    return this.alive.filter(({ isReady }) => isReady);
  }

  start(count = 1): void {
    for (let n = 0; n < count; n++) this.#startOne();
  }

  /** Looks with every line that a worker prints. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => (this.#whenNew = resolve));
      const ended = this.alive.find(({ process }) => process.exitCode !== null || process.signalCode !== null);
      if (ended !== undefined) throw new Error(`${ended.name} ended though nobody told it to: ${this.#errors}`);
    }
  }

  /** Every worker is told to stop; resolves when all have ended. */
  async stop(): Promise<void> {
    await this.until(() => this.ready.length === this.alive.length);
    for (const worker of this.alive) worker.end("SIGTERM");
    await Promise.all(this.workers.map(({ exited }) => exited));
  }

  /** Whatever a test left running. */
  kill(): void {
    for (const { process } of this.workers) process.kill("SIGKILL");
  }

  #startOne(): void {
    const env = { ...process.env, ...this.environment };
    const started = spawn("node", [this.program], { env, stdio: "pipe" });
    const worker = new Worker(`worker ${this.workers.length + 1}`, started);
    this.workers.push(worker);
    worker.process.stderr!.on("data", (chunk: Buffer) => (this.#errors += chunk.toString()));
    createInterface({ input: worker.process.stdout! }).on("line", (line) => {
      // The last line of one that is killed may be torn.
      if (line.endsWith("}")) this.#note(worker, JSON.parse(line) as Told | { readonly kind: "ready" });
      this.#whenNew();
    });
    void worker.exited.then(() => this.#whenNew());
  }

  #note(worker: Worker, told: Told | { readonly kind: "ready" }): void {
    if (told.kind === "ready") worker.isReady = true;
    else this.ledger.note(worker.name, told);
  }
}
