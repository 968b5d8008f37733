/** Small stacks of plain AWS resources, as the engine would hand them over: deployed, or in a first preview. */
import { mockId, mockOutputs } from "../../../rehearsal/deploy/mockOutputs";
import { UNKNOWN, type Properties, type StackResource } from "../../../policies/stack/resource";
import { PLACE } from "../../support/stage";

/** The value of another resource's output. */
export class Ref {
  constructor(
    readonly to: Declared,
    readonly output: string,
  ) {}
}

/** A text made of others, as `pulumi.interpolate` and `jsonStringify` make them. */
export class Text {
  constructor(
    readonly parts: readonly unknown[],
    readonly make: (parts: readonly unknown[]) => string,
  ) {}
}

/** JSON of a value with refs in it. */
export const json = (value: unknown): Text => new Text([value], ([each]) => JSON.stringify(each));

export const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** As `pulumi.interpolate`. */
export function text(strings: TemplateStringsArray, ...refs: unknown[]): Text {
  return new Text(refs, (values) => strings.map((part, index) => part + ((values[index] ?? "") as string)).join(""));
}

/** Lines in base64. They may be changed until the stack is handed over. */
export const userData = (lines: readonly unknown[]): Text =>
  new Text([lines], ([each]) => base64((each as string[]).join("\n") + "\n"));

/** A value that no resource of the stack gives, and that only the update will tell. */
export const LATER = UNKNOWN;

export class Declared {
  constructor(
    readonly type: string,
    public name: string,
    readonly inputs: Record<string, unknown>,
  ) {}

  get urn(): string {
    return `urn:pulumi:test::shop::${this.type}::${this.name}`;
  }

  ref(output: string): Ref {
    return new Ref(this, output);
  }

  /** Sets what is at a dotted path; undefined leaves it out. */
  set(path: string, value: unknown): void {
    const keys = path.split(".");
    const last = keys.pop()!;
    const owner = keys.reduce((at, key) => (at[key] ??= {}) as Record<string, unknown>, this.inputs);
    owner[last] = value;
  }
}

/** What AWS gives only once a resource is there. The provider names a resource before that. */
const isComputed = (output: string): boolean => output !== "name";

export class StackOf {
  readonly resources: Declared[] = [];

  add(type: string, name: string, inputs: Record<string, unknown> = {}): Declared {
    const declared = new Declared(type, name, inputs);
    this.resources.push(declared);
    return declared;
  }

  remove(...gone: readonly Declared[]): void {
    for (const each of gone) this.resources.splice(this.resources.indexOf(each), 1);
  }

  deployed(): StackResource[] {
    return this.resources.map((declared) => {
      const inputs = this.resolved(declared.inputs, false);
      return {
        ...identity(declared),
        id: mockId({ ...declared, inputs }, PLACE),
        inputs,
        outputs: {
          ...inputs,
          id: mockId({ ...declared, inputs }, PLACE),
          ...mockOutputs({ ...declared, inputs }, PLACE),
        },
        propertyDependencies: dependencies(declared),
      };
    });
  }

  /** Nothing is there yet: ARNs and ids, and all that is made from them, are unknown. */
  previewed(): StackResource[] {
    return this.resources.map((declared) => {
      const inputs = { name: declared.name, ...this.resolved(declared.inputs, true) };
      const computed = { id: UNKNOWN, arn: UNKNOWN };
      return {
        ...identity(declared),
        inputs,
        outputs: { ...COMPUTED[declared.type], ...inputs, ...computed },
        propertyDependencies: dependencies(declared),
      };
    });
  }

  private resolved(inputs: Record<string, unknown>, inPreview: boolean): Record<string, unknown> {
    return resolve(inputs, inPreview) as Record<string, unknown>;
  }
}

/** What the provider computes where the program leaves it out. */
const COMPUTED: Readonly<Record<string, Properties>> = {
  "aws:lb/targetGroup:TargetGroup": { healthCheck: UNKNOWN },
  "aws:autoscaling/group:Group": { vpcZoneIdentifiers: UNKNOWN, availabilityZones: UNKNOWN },
  "aws:ecs/service:Service": { launchType: UNKNOWN, availabilityZoneRebalancing: UNKNOWN },
  "aws:ecs/taskDefinition:TaskDefinition": { networkMode: UNKNOWN },
};

const identity = ({ urn, type, name }: Declared) => ({ urn, type, name });

function resolve(value: unknown, inPreview: boolean): unknown {
  if (value instanceof Ref) return resolveRef(value, inPreview);
  if (value instanceof Text) {
    const parts = resolve(value.parts, inPreview);
    return hasUnknown(parts) ? UNKNOWN : value.make(parts as unknown[]);
  }
  if (Array.isArray(value)) return value.map((each) => resolve(each, inPreview));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolve(each, inPreview)]));
}

function resolveRef({ to, output }: Ref, inPreview: boolean): unknown {
  if (inPreview) return isComputed(output) ? UNKNOWN : to.name;
  const inputs = resolve(to.inputs, false) as Record<string, unknown>;
  const outputs = { ...mockOutputs({ ...to, inputs }, PLACE), id: mockId({ ...to, inputs }, PLACE) };
  return (outputs as Record<string, unknown>)[output];
}

function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

function dependencies({ inputs }: Declared): Record<string, string[]> {
  const each = Object.entries(inputs).map(([property, value]) => [property, [...new Set(urnsIn(value))]] as const);
  return Object.fromEntries(each.filter(([, urns]) => urns.length > 0)) as Record<string, string[]>;
}

function urnsIn(value: unknown): string[] {
  if (value instanceof Ref) return [value.to.urn];
  if (value instanceof Text) return value.parts.flatMap(urnsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(urnsIn);
}
