/** Runs a program under Pulumi's mocks and records every resource that it declares, its options included. */
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor, setMocks } from "@pulumi/pulumi/runtime/mocks";
import { disconnect, setMockOptions } from "@pulumi/pulumi/runtime/settings";
import { mockOutputs } from "./mockOutputs";

export interface Recorded {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** As the program gave them, with Outputs as the mocks resolved them. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly parent: string;
  /** URNs that must exist before it, and are deleted after it. */
  readonly dependencies: readonly string[];
  readonly ignoreChanges: readonly string[];
}

export class Recording {
  readonly resources: Recorded[] = [];

  ofType(type: string): Recorded[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The one resource of a type, or of a type and a name. */
  only(type: string, name?: string): Recorded {
    const found = this.ofType(type).filter((resource) => name === undefined || resource.name === name);
    const [resource] = found;
    if (!resource || found.length > 1)
      throw new Error(`${found.length} resources of type ${type}, name ${name ?? "any"}`);
    return resource;
  }

  /** Whether `resource` is declared after `other`, and so deleted before it. */
  needs(resource: Recorded, other: Recorded): boolean {
    const visited = new Set<string>();
    const reaches = (urn: string): boolean => {
      if (urn === other.urn) return true;
      if (visited.has(urn)) return false;
      visited.add(urn);
      return (this.resources.find((each) => each.urn === urn)?.dependencies ?? []).some(reaches);
    };
    return resource.dependencies.some(reaches);
  }
}

type Callback = Parameters<MockMonitor["registerResource"]>[1];

class RecordingMonitor extends MockMonitor {
  constructor(readonly recording: Recording) {
    super({
      newResource: (args) => ({
        id: args.custom ? `${args.name}-id` : undefined,
        state: { ...(args.inputs as object), ...mockOutputs(args) },
      }),
      call: ({ token }) => {
        throw new Error(`the program calls ${token}, which these mocks don't know`);
      },
    });
  }

  override async registerResource(request: RegisterResourceRequest, callback: Callback): Promise<void> {
    if (request.getType() !== "pulumi:pulumi:Stack") this.recording.resources.push(recorded(request));
    await super.registerResource(request, callback);
  }
}

function recorded(request: RegisterResourceRequest): Recorded {
  const object = request.getObject();
  return {
    urn: urnOf(request.getParent(), request.getType(), request.getName()),
    type: request.getType(),
    name: request.getName(),
    inputs: object ? pulumi.runtime.deserializeProperties(object) : {},
    parent: request.getParent(),
    dependencies: request.getDependenciesList(),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

/** As the mock monitor makes it. */
function urnOf(parent: string, type: string, name: string): string {
  const parentType = parent.split("::")[2]?.split("$").at(-1);
  const qualified = parentType === undefined ? type : `${parentType}$${type}`;
  return `urn:pulumi:test::spotproof::${qualified}::${name}`;
}

export interface Configuration {
  /** Keys with their namespace; values as the engine gives them. */
  readonly config?: Readonly<Record<string, string>>;
  readonly secretKeys?: readonly string[];
}

/** Runs `program` to its end and returns what it declared. */
export async function record(program: () => unknown, configuration: Configuration = {}): Promise<Recording> {
  const { recording, error } = await attempt(program, configuration);
  if (error) throw error;
  return recording;
}

/** Runs a program that must fail, and returns its error's message and what it had declared by then. */
export async function recordFailure(
  program: () => unknown,
  configuration: Configuration = {},
): Promise<{ message: string; recording: Recording }> {
  const { recording, error } = await attempt(program, configuration);
  if (!error) throw new Error("the program didn't fail");
  return { message: error.message, recording };
}

async function attempt(
  program: () => unknown,
  { config = {}, secretKeys = [] }: Configuration,
): Promise<{ recording: Recording; error?: Error }> {
  const recording = new Recording();
  const monitor = new RecordingMonitor(recording);
  await setMocks(monitor.mocks, "spotproof", "test");
  setMockOptions(monitor, "spotproof", "test");
  pulumi.runtime.setAllConfig({ ...config }, [...secretKeys]);
  // Pulumi takes a stack trace for each promise, and ts-node maps every frame: most of a test's time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await pulumi.runtime.runInPulumiStack(async () => {
      await program();
      return {};
    });
    await disconnect();
    return { recording };
  } catch (error) {
    return { recording, error: error as Error };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Runs a module as Pulumi would, from the start each time. */
export function freshProgram(path: string): () => unknown {
  return () => {
    const resolved = require.resolve(path);
    delete require.cache[resolved];
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
    return require(resolved) as unknown;
  };
}
