/** Pulumi's mock monitor, with everything a program declares written down: its options as well as its inputs. */
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor, setMocks } from "@pulumi/pulumi/runtime/mocks";
import { setMockOptions } from "@pulumi/pulumi/runtime/settings";
import { mockOutputs, type Place } from "./mockOutputs";

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

class RecordingMonitor extends MockMonitor {
  constructor(
    private readonly declared: Resource[],
    private readonly stack: Stack,
  ) {
    super({
      newResource: (args) => ({
        id: args.custom === false ? "" : idOf(args.type, args.name),
        state: {
          ...(args.inputs as object),
          ...mockOutputs({ ...args, inputs: args.inputs as Record<string, unknown> }, stack),
        },
      }),
      call: (args) => args.inputs as Record<string, unknown>,
    });
  }

  override async registerResource(request: RegisterRequest, callback: unknown): Promise<void> {
    if (request.getType() !== "pulumi:pulumi:Stack") this.declared.push(this.recorded(request));
    await super.registerResource(request, callback as never);
  }

  private recorded(request: RegisterRequest): Resource {
    const type = request.getType();
    const name = request.getName();
    const inputs = pulumi.runtime.deserializeProperties(request.getObject()) as Record<string, unknown>;
    return {
      urn: this.urnOf(request.getParent(), type, name),
      type,
      name,
      id: idOf(type, name),
      inputs,
      outputs: { ...inputs, ...mockOutputs({ type, name, inputs }, this.stack) },
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

/** A task definition's id is its ARN, and a name does for the others. */
function idOf(type: string, name: string): string {
  return type.startsWith("aws:") ? name : `${name}-id`;
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
export async function record(program: () => unknown, stack: Stack): Promise<Resource[]> {
  const resources: Resource[] = [];
  await setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, stack.project, stack.stack);
  setMockOptions(new RecordingMonitor(resources, stack), stack.project, stack.stack);
  pulumi.runtime.setAllConfig({ ...stack.config }, [...stack.secretKeys]);
  await pulumi.runtime.runInPulumiStack(async () => {
    await program();
    return {};
  });
  await pulumi.runtime.disconnect();
  return resources;
}
