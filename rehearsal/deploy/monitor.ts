/** Pulumi's mock monitor, with everything a program declares written down: its options as well as its inputs. */
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor, setMocks } from "@pulumi/pulumi/runtime/mocks";
import { setMockOptions } from "@pulumi/pulumi/runtime/settings";
import { withoutStackTraces } from "./stackTraces";
import { mockAnswer, mockId, mockOutputs, type Place } from "./mockOutputs";

export interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** As the program gave them; Outputs as the values the mocks gave. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Inputs and what AWS would add. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly parent: string;
  /** URNs that must exist before it, and are deleted after it. */
  readonly dependencies: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly deleteBeforeReplace: boolean;
  readonly protect: boolean;
}

/** What the engine is asked, as far as it is looked at here. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): Parameters<typeof pulumi.runtime.deserializeProperties>[0];
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getDeletebeforereplace(): boolean;
  getProtect(): boolean;
}

/** Who hears of what a program does while it runs, also of what comes before an error. */
export interface Listener {
  declared(resource: Resource): void;
  /** The program asks for something that is there already. What this throws, it gets instead of an answer. */
  called(token: string): void;
}

class RecordingMonitor extends MockMonitor {
  constructor(
    private readonly stack: Stack,
    private readonly listener: Listener,
  ) {
    super({
      newResource: ({ type, name, custom, inputs }) => {
        const declared = { type, name, inputs: inputs as Record<string, unknown> };
        return {
          id: custom === false ? "" : mockId(declared, stack),
          state: { ...declared.inputs, ...mockOutputs(declared, stack) },
        };
      },
      call: ({ token, inputs }) => {
        listener.called(token);
        return mockAnswer(token, stack) ?? (inputs as Record<string, unknown>);
      },
    });
  }

  override async registerResource(request: RegisterRequest, callback: unknown): Promise<void> {
    if (request.getType() !== "pulumi:pulumi:Stack") this.listener.declared(this.recorded(request));
    await super.registerResource(request, callback as never);
  }

  private recorded(request: RegisterRequest): Resource {
    const type = request.getType();
    const name = request.getName();
    const inputs = pulumi.runtime.deserializeProperties(request.getObject()) as Record<string, unknown>;
    const declared = { type, name, inputs };
    return {
      urn: this.urnOf(request.getParent(), type, name),
      type,
      name,
      id: mockId(declared, this.stack),
      inputs,
      outputs: { ...inputs, ...mockOutputs(declared, this.stack) },
      parent: request.getParent(),
      dependencies: request.getDependenciesList(),
      ignoreChanges: request.getIgnorechangesList(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      protect: request.getProtect(),
    };
  }

  /** As the mock monitor names it. */
  private urnOf(parent: string, type: string, name: string): string {
    const parentType = parent === "" ? "" : `${parent.split("::")[2]!.split("$").pop()}$`;
    return ["urn:pulumi:" + this.stack.stack, this.stack.project, `${parentType}${type}`, name].join("::");
  }
}

/** What a program is run as. */
export interface Stack extends Place {
  readonly project: string;
  readonly stack: string;
  /** Configuration with its namespaces, e.g. `spotproof:minSize`. */
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
}

/** Runs `program` to its end and returns what it declared. Throws what the program throws. */
export async function record(
  program: () => unknown,
  stack: Stack,
  listener: Partial<Listener> = {},
): Promise<Resource[]> {
  const resources: Resource[] = [];
  const monitor = new RecordingMonitor(stack, {
    declared: (resource) => {
      resources.push(resource);
      listener.declared?.(resource);
    },
    called: (token) => listener.called?.(token),
  });
  await setMocks(monitor.mocks, stack.project, stack.stack);
  setMockOptions(monitor, stack.project, stack.stack);
  pulumi.runtime.setAllConfig({ ...stack.config }, [...stack.secretKeys]);
  return withoutStackTraces(async () => {
    try {
      await pulumi.runtime.runInPulumiStack(async () => {
        await program();
        return {};
      });
      return resources;
    } finally {
      // Everything that was declared arrives, before an error too.
      await pulumi.runtime.disconnect();
    }
  });
}
