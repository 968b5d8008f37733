/** One request to an endpoint of the ECS agent, within a time. */
import { request, type IncomingMessage } from "node:http";
import type { Timers } from "./timers";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Rejects where the whole answer isn't there after `timeoutMs`. `send` is sent as JSON. */
export function httpJson(
  url: string,
  { method, send }: { readonly method: "GET" | "PUT"; readonly send?: unknown },
  timeoutMs: number,
  timers: Timers,
): Promise<HttpAnswer> {
  const text = send === undefined ? undefined : JSON.stringify(send);
  const headers =
    text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    // No agent: a connection kept between two calls that lie an hour apart is only one more that may be dead.
    const sent = request(url, { method, headers, agent: false });
    const timer = timers.after(timeoutMs, () => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    const settle = (end: () => void) => {
      timers.cancel(timer);
      end();
    };
    sent.on("error", (error) => settle(() => reject(error)));
    sent.on("response", (response) => {
      readAll(response).then(
        (body) => settle(() => resolve({ status: response.statusCode ?? 0, body })),
        (error: Error) => settle(() => reject(error)),
      );
    });
    sent.end(text);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
