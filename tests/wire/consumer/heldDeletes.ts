/** A way to SQS on which deletes get stuck for as long as a test wants: what a worker leaves that dies before its message is deleted. */
import { once } from "node:events";
import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export class HeldDeletes {
  holds = true;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #isHeld: (body: string) => void = () => undefined;
  /** The first delete that is stuck. */
  readonly held = new Promise<string>((resolve) => (this.#isHeld = resolve));

  constructor(private readonly port: number) {}

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url: path, headers } = request;
    const body = await text(request);
    if (this.holds && String(headers["x-amz-target"]).startsWith("AmazonSQS.Delete")) return this.#isHeld(body);
    const onward = send({ host: "127.0.0.1", port: this.port, method, path, headers });
    onward.end(body);
    const [answer] = (await once(onward, "response")) as [IncomingMessage];
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  }
}
