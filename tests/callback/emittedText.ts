/** A callback's text as components/callbackFunction.ts uploads it, and the means to run it. */
import { createRequire } from "node:module";
import vm from "node:vm";
import { deflateRawSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";

export async function emit(factory: () => unknown): Promise<string> {
  const { text } = await pulumi.runtime.serializeFunction(factory, { exportName: "handler", isFactoryFunction: true });
  return text;
}

/** Answers a command of an SDK client: its package's last part, the command, the input. */
export type Answer = (service: string, command: string, input: Record<string, unknown>) => Promise<object>;

export type Handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<unknown>;

interface Client {
  readonly middlewareStack: { add(middleware: unknown, options: object): void };
}

type ClientClass = new (configuration: object) => Client;

/** Loads the text as Lambda does; its real SDK clients are answered at the SDK's first step. */
export function load(text: string, environment: Record<string, string>, answer: Answer, lines: string[]): Handler {
  const module = { exports: {} as { handler: Handler } };
  const nodeRequire = createRequire(__filename);
  const requireAnswered = (name: string): unknown => {
    const sdk = nodeRequire(name) as Record<string, unknown>;
    const get = (target: typeof sdk, key: string): unknown => answered(target[key] as ClientClass, name, answer);
    return new Proxy(sdk, { get });
  };
  const run = vm.compileFunction(text, ["exports", "require", "module", "process", "console"]) as (
    ...given: unknown[]
  ) => void;
  run(module.exports, requireAnswered, module, { env: environment }, { log: (line: string) => lines.push(line) });
  return module.exports.handler;
}

function answered(Client: ClientClass, name: string, answer: Answer): ClientClass {
  return class extends Client {
    constructor(configuration: object) {
      super({ region: "eu-west-1", credentials: { accessKeyId: "test", secretAccessKey: "test" }, ...configuration });
      const middleware =
        (_next: unknown, { commandName }: { commandName: string }) =>
        async ({ input }: { input: Record<string, unknown> }) => ({
          output: await answer(name.replace("@aws-sdk/client-", ""), commandName.replace(/Command$/, ""), input),
          response: {},
        });
      this.middlewareStack.add(middleware, { step: "initialize", name: "answer", priority: "high" });
    }
  };
}

/** The port of each SDK client in a fake AWS. */
const PORTS: Readonly<Record<string, string>> = {
  "application-auto-scaling": "applicationAutoScaling",
  "auto-scaling": "autoScaling",
  cloudwatch: "cloudWatch",
  ec2: "ec2",
  ecs: "ecs",
  "elastic-load-balancing-v2": "elbv2",
  sqs: "sqs",
};

/** With a fake AWS behind the real clients. */
export function answeredBy(ports: object): Answer {
  const fakes = ports as Record<string, Record<string, (input: object) => Promise<object>>>;
  return (service, command, input) => {
    const method = `${command[0]?.toLowerCase()}${command.slice(1)}`;
    return fakes[PORTS[service]!]![method]!(input);
  };
}

/** What the text requires, as it is written there. */
export const requiredBy = (text: string): (string | undefined)[] =>
  [...text.matchAll(/require\(([^)]*)\)/g)].map(([, name]) => name);

/** How large the archive is. */
export const zippedBytes = (text: string): number => deflateRawSync(text).length;

/** What Lambda does with a function's role: read the queue, write the log. */
export const OF_LAMBDA = [
  "sqs:ReceiveMessage",
  "sqs:DeleteMessage",
  "sqs:GetQueueAttributes",
  "logs:CreateLogStream",
  "logs:PutLogEvents",
];

/** The prefix of IAM actions, by the port's name in a callback's text. */
const IAM_PREFIX: Readonly<Record<string, string>> = {
  applicationAutoScaling: "application-autoscaling",
  autoScaling: "autoscaling",
  cloudWatch: "cloudwatch",
  ec2: "ec2",
  ecs: "ecs",
  elbv2: "elasticloadbalancing",
  sqs: "sqs",
};

/** The IAM actions of the calls in a callback's text, in order. */
export function actionsCalled(text: string): string[] {
  const ports = Object.keys(IAM_PREFIX).join("|");
  const calls = [...text.matchAll(new RegExp(`\\b(${ports})\\.([a-z]\\w+)\\(`, "g"))];
  const actions = calls.map(
    ([, port = "", call = ""]) => `${IAM_PREFIX[port]}:${call[0]?.toUpperCase()}${call.slice(1)}`,
  );
  return [...new Set(actions)].sort();
}
