/** A resource as the rules read it: what the program gave, over what the provider gave back. */

/** Stands for a value that only the update will tell. */
export const UNKNOWN = Symbol("unknown");

export type Properties = Readonly<Record<string, unknown>>;

/** What a stack is handed over as. */
export interface StackResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** As the program gave them, or absent where nobody saw them. */
  readonly inputs?: Properties;
  /** As the provider gave them back; in a preview, what it computes is unknown. */
  readonly outputs: Properties;
  readonly id?: string;
  /** The URNs of the resources that each property's value comes from. */
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
}

/** Under what other resources may name this one. */
const IDENTITIES = ["arn", "id", "name", "url", "family", "arnWithoutRevision"] as const;

export class Resource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  private merged: Properties | undefined;

  constructor(private readonly given: StackResource) {
    this.urn = given.urn;
    this.type = given.type;
    this.name = given.name;
  }

  /** `autoscaling.Group "web"`, for messages. */
  get label(): string {
    const [, module = "", type = this.type] = this.type.split(":");
    return `${module.split("/")[0]}.${type} "${this.name}"`;
  }

  get props(): Properties {
    const { inputs, outputs } = this.given;
    this.merged ??= (inputs === undefined ? outputs : merge(inputs, outputs)) as Properties;
    return this.merged;
  }

  get identities(): string[] {
    const { family, revision } = this.props;
    const values = [
      this.given.id,
      ...IDENTITIES.map((key) => this.props[key]),
      ...(typeof family === "string" && typeof revision === "number" ? [`${family}:${revision}`] : []),
    ];
    return values.filter((value): value is string => typeof value === "string" && value !== "");
  }

  dependenciesOf(property: string): readonly string[] {
    return this.given.propertyDependencies?.[property] ?? [];
  }
}

/**
 * What the program left out is what AWS made of it, where that is known already; what it gave counts as given, also where
 * the provider doesn't give it back as it was.
 */
function merge(input: unknown, output: unknown): unknown {
  if (input === undefined) return withoutUnknowns(output);
  if (input === UNKNOWN) return output ?? UNKNOWN;
  if (!isObject(input) || !isObject(output)) return input;
  const keys = new Set([...Object.keys(output), ...Object.keys(input)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(input[key], output[key])]));
}

/** What the provider has yet to compute, and the program didn't give, isn't there yet. */
function withoutUnknowns(value: unknown): unknown {
  if (value === UNKNOWN) return undefined;
  if (Array.isArray(value)) return value.map(withoutUnknowns);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutUnknowns(each)]));
}

export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
