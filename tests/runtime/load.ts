import { Agent, get } from "node:http";

/** Milliseconds that a request takes: mostly short, a few as long as people wait. */
const DURATIONS = [5, 20, 50, 5, 120, 5, 300, 20, 5, 50, 800, 5, 20, 5, 50, 3000];

/** Clients on kept connections, each with its next request as soon as the last is answered, until they are told to stop. */
export class Load {
  answered = 0;
  readonly errors: string[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #clients: Promise<void>[];
  #stopped = false;
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly port: number,
    clients: number,
  ) {
    this.#clients = Array.from({ length: clients }, (_, client) => this.#ask(client));
  }

  /** Until so many have been answered, or one has failed. */
  async reach(answered: number): Promise<void> {
    while (this.answered < answered && this.errors.length === 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** No new requests; those under way are waited for. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }

  async #ask(client: number): Promise<void> {
    for (let n = client; !this.#stopped; n++) {
      const ms = DURATIONS[n % DURATIONS.length]!;
      const path = `/${n % 2 === 0 ? "work" : "stream"}?ms=${ms}`;
      try {
        const answer = await textOf(this.port, path, this.#agent);
        if (!answer.endsWith("done")) this.errors.push(`${path}: ${answer}`);
        this.answered++;
      } catch (error) {
        this.errors.push(`${path}: ${String(error)}`);
      }
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }
}

/** Rejects where the answer doesn't come to its end. */
export function textOf(port: number, path: string, agent: Agent | false = false): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, agent }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(text));
      response.on("error", reject);
    }).on("error", reject);
  });
}
