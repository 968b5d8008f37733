/** What Lambda's runtime lets a function require: the AWS SDK, and the built-in modules that know neither time nor chance. */
import { createRequire } from "node:module";

/** Takes a command of an SDK client and answers as AWS would. */
export type Dispatch = (service: string, command: string, input: unknown) => Promise<object>;

const nodeRequire = createRequire(__filename);

const BUILT_IN = ["assert", "buffer", "events", "path", "querystring", "string_decoder", "url", "util"];

interface SdkClient {
  readonly middlewareStack: {
    add(
      middleware: unknown,
      options: { readonly step: "initialize"; readonly name: string; readonly priority: "high" },
    ): void;
    /** `name - step` of each middleware, with `(a.k.a. …)` after a name that has others. */
    identify(): string[];
    remove(name: string): boolean;
  };
}

type SdkClientClass = new (configuration?: object) => SdkClient;

/** The SDK's clients are the real ones, with one middleware more. */
export function sandboxRequire(dispatch: Dispatch): (name: string) => unknown {
  const modules = new Map<string, unknown>();
  return (name) => {
    const known = modules.get(name) ?? load(name, dispatch);
    modules.set(name, known);
    return known;
  };
}

function load(name: string, dispatch: Dispatch): unknown {
  const service = /^@aws-sdk\/client-([a-z0-9-]+)$/.exec(name)?.[1];
  if (service !== undefined) return connectedSdk(nodeRequire(name) as Record<string, unknown>, service, dispatch);
  if (BUILT_IN.includes(name.replace(/^node:/, ""))) return nodeRequire(name);
  throw new Error(
    `the function requires ${name}: a rehearsal has the AWS SDK's clients (@aws-sdk/client-…) and ${BUILT_IN.join(", ")}`,
  );
}

function connectedSdk(sdk: Record<string, unknown>, service: string, dispatch: Dispatch): unknown {
  const clients = new Map<string, SdkClientClass>();
  return new Proxy(sdk, {
    get: (target, key: string) => {
      const value = target[key];
      if (!isClient(value)) return value;
      const known = clients.get(key) ?? connected(value, service, dispatch);
      clients.set(key, known);
      return known;
    },
  });
}

function isClient(value: unknown): value is SdkClientClass {
  return typeof value === "function" && typeof (value.prototype as { send?: unknown } | undefined)?.send === "function";
}

const METADATA = { httpStatusCode: 200, attempts: 1, totalRetryDelay: 0 };

function connected(Client: SdkClientClass, service: string, dispatch: Dispatch): SdkClientClass {
  return class extends Client {
    constructor(configuration: object = {}) {
      super({
        region: "us-east-1",
        credentials: { accessKeyId: "rehearsal", secretAccessKey: "rehearsal" },
        ...configuration,
      });
      const middleware =
        (_next: unknown, { commandName }: { commandName: string }) =>
        async ({ input }: { input: unknown }) => {
          const output = await dispatch(service, commandName.replace(/Command$/, ""), input);
          return { output: { $metadata: METADATA, ...output }, response: {} };
        };
      dropUnreached(this);
      this.middlewareStack.add(middleware, { step: "initialize", name: "rehearsal", priority: "high" });
    }
  };
}

/**
 * Nothing after the first step is ever reached, and the SDK puts its whole stack together anew for every call. Only the
 * serializer and its counterpart stay, beside which commands put middleware of their own.
 */
function dropUnreached({ middlewareStack }: SdkClient): void {
  for (const line of middlewareStack.identify()) {
    const [name = ""] = line.split(/ - | \(/);
    if (!/^(de)?serializerMiddleware$/.test(name)) middlewareStack.remove(name);
  }
}
