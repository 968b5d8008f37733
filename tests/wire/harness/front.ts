/**
 * The HTTP server that the SDK takes for AWS. It checks every request against AWS's model of the service and, where it
 * comes from a function, against the function's role; then it lets moto answer, or a stub, or the fault that a test wants.
 */
import { once } from "node:events";
import { createServer, request as send, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { isAllowed, type Statement } from "../../../rehearsal/world/iam";
import { PLACE } from "../../support/stage";
import { requestOf } from "./authorization";
import { problemsIn } from "./check";
import { ADMINISTRATOR, clientsOf, type Clients } from "./clients";
import { excessIn } from "./documentedLimits";
import { denial, spoiled, throttling, type Fault } from "./faults";
import type { Models } from "./model";
import type { Moto } from "./moto";
import { motoGaps, type Stub } from "./motoGaps";
import { readMessage, writeError, writeOutput, type Message, type WireAnswer, type WireError } from "./protocol";

/** A request as it came. */
export interface Call {
  /** As IAM names it, e.g. `ecs:ListTasks`. */
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly isOfFunction: boolean;
}

/** `throttling` is said in the words of the service that is called. */
export type FaultOfCall = Fault | "throttling";

type FaultOf = (call: Call) => FaultOfCall | undefined;

export class Front {
  /** Everything on the wire that AWS wouldn't have understood, and what moto or a stub answered wrong. */
  readonly problems: string[] = [];
  /** What the role of the function under test may do. */
  role: readonly Statement[] = [];
  private readonly received: Call[] = [];
  private stubs = motoGaps();
  private happenings: { readonly action: string; calls: number; readonly run: () => Promise<unknown> }[] = [];
  private faults: { readonly of: FaultOf; left: number }[] = [];

  private constructor(
    private readonly server: Server,
    private readonly models: Models,
    private readonly moto: Moto,
    private readonly behind: Clients,
  ) {}

  static async start(models: Models, moto: Moto): Promise<Front> {
    const server = createServer();
    // An idle client's next request must not meet a connection that we end at that moment.
    server.keepAliveTimeout = 0;
    const front = new Front(server, models, moto, clientsOf(moto.url));
    server.on("request", (request, response) => {
      front.serve(request, response).catch((error: Error) => {
        front.problems.push(`no answer: ${error.stack}`);
        response.destroy();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The function's calls, in order; of one action if one is given. */
  calls(action?: string): Call[] {
    return this.received.filter((call) => call.isOfFunction && (action === undefined || call.action === action));
  }

  /** Lets the function's next calls meet a fault: those for which there is one, so many of them. */
  meet(fault: FaultOfCall | FaultOf, { times = Infinity, action }: { times?: number; action?: string } = {}): void {
    const of: FaultOf = typeof fault === "function" ? fault : () => fault;
    this.faults.push({
      of: (call) => (action === undefined || call.action === action ? of(call) : undefined),
      left: times,
    });
  }

  /** What somebody else does just before the function's next call of an action, or the one that is so many calls away. */
  meanwhile(action: string, run: () => Promise<unknown>, { calls = 1 } = {}): void {
    this.happenings.push({ action, calls, run });
  }

  /** Answers an action in moto's place. */
  answer(action: string, stub: Stub): void {
    this.stubs.set(action, stub);
  }

  /** Forgets all that one test wanted and did, and moto its whole state: it gives the same names again. */
  async reset(): Promise<void> {
    this.received.length = 0;
    this.problems.length = 0;
    this.faults = [];
    this.happenings = [];
    this.stubs = motoGaps();
    for (const what of ["reset", "seed?a=1"]) await fetch(`${this.moto.url}/moto-api/${what}`, { method: "POST" });
  }

  forgetCalls(): void {
    this.received.length = 0;
  }

  forgetFaults(): void {
    this.faults = [];
  }

  async stop(): Promise<void> {
    for (const client of Object.values(this.behind) as { destroy(): void }[]) client.destroy();
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    let message: Message;
    try {
      message = readMessage(this.models, { headers: request.headers, body });
    } catch (error) {
      this.problems.push(`unreadable request: ${(error as Error).message}`);
      response.writeHead(400).end();
      return;
    }
    const action = `${message.service}:${message.operation.name}`;
    const call: Call = { action, input: message.input, isOfFunction: message.accessKey !== ADMINISTRATOR };
    this.received.push(call);
    if (call.isOfFunction) await this.happen(call);
    const fault = call.isOfFunction ? this.nextFault(call) : undefined;
    await spoiled(fault, message, response, () => this.answerTo(message, call, { request, body }));
  }

  private async answerTo(
    message: Message,
    call: Call,
    raw: { readonly request: IncomingMessage; readonly body: string },
  ): Promise<WireAnswer> {
    const refusal = this.wrongIn(message, call.action) ?? (await this.deniedIn(message, call));
    if (refusal !== undefined) return writeError(message, refusal);
    const stub = this.stubs.get(call.action);
    return stub === undefined ? this.forward(call.action, raw) : this.answerByStub(stub, message, call);
  }

  private wrongIn({ model, operation, input, region }: Message, action: string): WireError | undefined {
    const problems = operation.input === undefined ? [] : problemsIn(model, operation.input, input, action);
    // A limit looks at members that are of their type.
    if (problems.length === 0) problems.push(...excessIn(action, input));
    if (region !== PLACE.region) problems.push(`${action} is signed for ${region}: ${PLACE.region}`);
    this.problems.push(...problems);
    if (problems.length === 0) return undefined;
    return { code: "ValidationException", message: problems.join("; "), status: 400 };
  }

  private async deniedIn({ service, input }: Message, { action, isOfFunction }: Call): Promise<WireError | undefined> {
    if (!isOfFunction) return undefined;
    const asked = await requestOf(action, input, this.behind);
    if (isAllowed(this.role, asked)) return undefined;
    const arns = asked.resources.map((resource) => resource.arn).join(", ");
    return denial(service, `is not authorized to perform: ${action} on resource: ${arns}`);
  }

  private async answerByStub(stub: Stub, message: Message, { action, input }: Call): Promise<WireAnswer> {
    try {
      const output = await stub(input, this.behind);
      const { operation, model } = message;
      if (operation.output !== undefined) {
        this.problems.push(...problemsIn(model, operation.output, output, `the stub's ${action}`));
      }
      return writeOutput(message, output);
    } catch (error) {
      const refusal = asWireError(error);
      if (refusal === undefined) throw error;
      return writeError(message, refusal);
    }
  }

  private async forward(
    action: string,
    { request, body }: { readonly request: IncomingMessage; readonly body: string },
  ): Promise<WireAnswer> {
    const { method, url: path, headers } = request;
    // With our own host's name in the headers, so that a queue's URL leads here.
    const onward = send({ host: "127.0.0.1", port: this.moto.port, method, path, headers });
    onward.end(body);
    const [answer] = (await once(onward, "response")) as [IncomingMessage];
    const status = answer.statusCode ?? 0;
    const answered = await text(answer);
    if (status >= 500) this.problems.push(`moto answers ${status} to ${action}: ${answered.slice(0, 500)}`);
    const kept = ["content-type", "x-amzn-errortype", "x-amzn-query-error"].flatMap((name) => {
      const value = answer.headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    });
    return { status, headers: Object.fromEntries(kept) as Record<string, string>, body: answered };
  }

  private async happen({ action }: Call): Promise<void> {
    const due = this.happenings.filter((each) => each.action === action && --each.calls === 0);
    for (const each of due) await each.run();
  }

  private nextFault(call: Call): Fault | undefined {
    for (const each of this.faults) {
      const fault = each.left > 0 ? each.of(call) : undefined;
      if (fault === undefined) continue;
      each.left--;
      return fault === "throttling" ? { kind: "error", ...throttling(call.action.split(":")[0]!) } : fault;
    }
    return undefined;
  }
}

/** What a stub refuses, or moto when the stub asks it. */
function asWireError(error: unknown): WireError | undefined {
  const { name, message, $metadata } = error as { $metadata?: { httpStatusCode?: number } } & Error;
  const status = $metadata?.httpStatusCode;
  return status === undefined ? undefined : { code: name, message, status };
}
