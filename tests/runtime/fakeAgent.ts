import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the agent does with the next calls. */
export type Mood = "answers" | "throttles" | "blocks" | "forbids" | "is silent" | "hangs up" | "speaks HTML" | "fails";

interface Body {
  readonly ProtectionEnabled?: boolean;
  readonly ExpiresInMinutes?: number;
}

const TASK_ARN = "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef0123456789abcdef";

/** The ECS agent's endpoint for task protection, over HTTP, and its metadata. */
export class FakeAgent {
  mood: Mood = "answers";
  readonly calls: { readonly method: string; readonly path: string; readonly body: Body }[] = [];
  #expiresAt: number | undefined;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const body = (text === "" ? {} : JSON.parse(text)) as Body;
        this.calls.push({ method: request.method!, path: request.url!, body });
        this.#answer(request.method!, request.url!, body, response);
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get uri(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/7e1f`;
  }

  get isProtecting(): boolean {
    return this.#expiresAt !== undefined && this.#expiresAt > Date.now();
  }

  #answer(method: string, path: string, body: Body, response: ServerResponse): void {
    const send = (status: number, answer: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    };
    if (path.endsWith("/task")) return send(200, { Cluster: "shop", TaskARN: TASK_ARN });
    const error = (Code: string, Message: string) => ({ requestID: "1", error: { Arn: TASK_ARN, Code, Message } });
    switch (this.mood) {
      case "throttles":
        return send(400, error("ThrottlingException", "Rate exceeded"));
      case "blocks":
        return send(200, { failure: { Arn: TASK_ARN, Reason: "DEPLOYMENT_BLOCKED", Detail: "too many" } });
      case "forbids":
        return send(403, error("AccessDeniedException", "no task IAM role credentials available for task"));
      case "fails":
        return send(500, error("ServerException", "Unexpected error occurred"));
      case "is silent":
        return;
      case "hangs up":
        return void response.socket!.destroy();
      case "speaks HTML":
        return void response.writeHead(404).end("<html>404 page not found</html>");
      case "answers":
        if (method === "PUT") this.#set(body);
        return send(200, { protection: this.#state() });
    }
  }

  #set({ ProtectionEnabled, ExpiresInMinutes = 120 }: Body): void {
    this.#expiresAt = ProtectionEnabled ? Date.now() + ExpiresInMinutes * 60_000 : undefined;
  }

  /** The agent's dates have whole seconds. */
  #state() {
    const date = this.isProtecting ? new Date(this.#expiresAt!).toISOString().replace(/\.\d+Z$/, "Z") : null;
    return { ProtectionEnabled: date !== null, ExpirationDate: date, TaskArn: TASK_ARN };
  }
}
