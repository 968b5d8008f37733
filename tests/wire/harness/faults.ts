/** What can go wrong between a function and AWS. */
import type { ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { writeError, type Message, type WireAnswer, type WireError } from "./protocol";

export type Fault =
  /** AWS refuses the call, or fails. */
  | ({ readonly kind: "error" } & WireError)
  /** Something on the way answers with a page of its own. */
  | { readonly kind: "page"; readonly status: number }
  /** The connection ends before AWS sees the call. */
  | { readonly kind: "reset" }
  /** AWS carries the call out, and the connection ends before it answers. */
  | { readonly kind: "lost" }
  /** Half of the answer comes. */
  | { readonly kind: "torn" }
  /** No answer ever comes, on a connection that stays. */
  | { readonly kind: "silent" }
  /** AWS carries the call out at once, and takes so long to say so. */
  | { readonly kind: "late"; readonly milliseconds: number };

/** How each service says that there were too many calls; assumed where its guide doesn't say. */
const THROTTLING: Readonly<Record<string, WireError>> = {
  "application-autoscaling": { code: "ThrottlingException", message: "Rate exceeded", status: 400 },
  autoscaling: { code: "Throttling", message: "Rate exceeded", status: 400 },
  cloudwatch: { code: "Throttling", message: "Rate exceeded", status: 400 },
  ec2: { code: "RequestLimitExceeded", message: "Request limit exceeded.", status: 503 },
  ecs: { code: "ThrottlingException", message: "Rate exceeded", status: 400 },
  elasticloadbalancing: { code: "Throttling", message: "Rate exceeded", status: 400 },
  sqs: { code: "RequestThrottled", message: "Rate exceeded", status: 400 },
};

/** How each service says that the caller's role doesn't allow the call. */
const DENIAL: Readonly<Record<string, Omit<WireError, "message">>> = {
  "application-autoscaling": { code: "AccessDeniedException", status: 400 },
  autoscaling: { code: "AccessDenied", status: 403 },
  cloudwatch: { code: "AccessDenied", status: 403 },
  ec2: { code: "UnauthorizedOperation", status: 403 },
  ecs: { code: "AccessDeniedException", status: 400 },
  elasticloadbalancing: { code: "AccessDenied", status: 403 },
  sqs: { code: "AccessDeniedException", status: 403 },
};

function of<T>(table: Readonly<Record<string, T>>, service: string): T {
  const found = table[service];
  if (found === undefined) throw new Error(`${service} is not in this table: ${Object.keys(table).join(", ")}`);
  return found;
}

export const throttling = (service: string): WireError => of(THROTTLING, service);

export const denial = (service: string, message: string): WireError => ({ ...of(DENIAL, service), message });

export const internalFailure: Fault = {
  kind: "error",
  code: "InternalFailure",
  message: "The request processing has failed because of an unknown error.",
  status: 500,
};

export const unavailable: Fault = {
  kind: "error",
  code: "ServiceUnavailable",
  message: "Service Unavailable",
  status: 503,
};

/** Lets the fault come before, after or in place of the answer. */
export async function spoiled(
  fault: Fault | undefined,
  message: Message,
  response: ServerResponse,
  answer: () => Promise<WireAnswer>,
): Promise<void> {
  switch (fault?.kind) {
    case "silent":
      return;
    case "reset":
      return cut(response);
    case "lost":
      await answer();
      return cut(response);
    case "torn":
      return tear(response, await answer());
    case undefined:
    case "error":
    case "page":
    case "late": {
      const { status, headers, body } = await answerUnder(fault, message, answer);
      response.writeHead(status, headers).end(body);
      return;
    }
    default:
      return fault satisfies never;
  }
}

async function answerUnder(
  fault: Extract<Fault, { kind: "error" | "page" | "late" }> | undefined,
  message: Message,
  answer: () => Promise<WireAnswer>,
): Promise<WireAnswer> {
  switch (fault?.kind) {
    case undefined:
      return answer();
    case "error":
      return writeError(message, fault);
    case "page":
      return pageOf(fault.status);
    case "late": {
      const answered = await answer();
      await wait(fault.milliseconds, undefined, { ref: false });
      return answered;
    }
    default:
      return fault satisfies never;
  }
}

const pageOf = (status: number): WireAnswer => ({
  status,
  headers: { "content-type": "text/html" },
  body: `<html><head><title>${status}</title></head><body></body></html>`,
});

const cut = (response: ServerResponse): void => void response.socket?.destroy();

function tear(response: ServerResponse, { status, headers, body }: WireAnswer): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.write(body.slice(0, body.length / 2), () => cut(response));
}
