import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly status: number;
  readonly body: string;
}

export interface Begun {
  readonly asked: ClientRequest;
  /** As the server has it. */
  readonly served: ServerResponse;
  readonly answer: Promise<Asked>;
}

/** Resolves when the server has the request: a test's clock may go on then. */
export async function begin(server: Server, method: string, path: string, body = ""): Promise<Begun> {
  const { address, port } = server.address() as AddressInfo;
  const asked = request({ host: address, port, method, path, agent: false });
  const arrived = once(server, "request");
  const answer = answerTo(asked);
  // Only who waits for it learns that there is none.
  answer.catch(() => undefined);
  asked.end(body);
  const [, served] = (await arrived) as [IncomingMessage, ServerResponse];
  return { asked, served, answer };
}

async function answerTo(asked: ClientRequest): Promise<Asked> {
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode!, body };
}

/** The client dies before it is answered. */
export async function leave({ asked, served }: Begun): Promise<void> {
  const seen = once(served, "close");
  asked.destroy();
  await seen;
}

export async function ask(server: Server, method: string, path: string, body = ""): Promise<Asked> {
  return (await begin(server, method, path, body)).answer;
}
