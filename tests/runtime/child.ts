import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

type Event = Readonly<Record<string, unknown>> & { readonly kind?: string };

/** A process that says what happens in it, one JSON object per line. */
export class Child {
  readonly events: Event[] = [];
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  readonly #process: ChildProcess;
  readonly #waiting: (() => void)[] = [];
  #errors = "";

  constructor(command: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#process = spawn(command, args, { env: { ...process.env, ...environment }, stdio: "pipe" });
    this.#process.stderr!.on("data", (chunk: Buffer) => (this.#errors += chunk.toString()));
    createInterface({ input: this.#process.stdout! }).on("line", (line) => this.#said(line));
    // "close" comes when the last line has been read.
    this.exited = new Promise((resolve) => this.#process.once("close", (code, signal) => resolve({ code, signal })));
    void this.exited.then(() => this.#wake());
  }

  /** A program of these tests, or of the runtime, in TypeScript. */
  static program(path: string, environment: NodeJS.ProcessEnv): Child {
    return new Child("node", ["-r", "ts-node/register", path], environment);
  }

  /** The first event of a kind; waits for it. */
  async event(kind: string): Promise<Event> {
    for (;;) {
      const event = this.events.find((each) => each.kind === kind);
      if (event !== undefined) return event;
      if (this.#process.exitCode !== null) throw new Error(`It exited before it said ${kind}: ${this.#errors}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  terminate(): void {
    this.#process.kill("SIGTERM");
  }

  write(text: string): void {
    this.#process.stdin!.write(text);
  }

  /** Whatever a test left running. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  #said(line: string): void {
    this.events.push(line.startsWith("{") ? (JSON.parse(line) as Event) : { kind: line });
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
