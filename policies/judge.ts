/** Judges a stack in this process, without an engine: for tests, and for whoever has the resources at hand. */
import { inspect, type Findings } from "./inspect";
import { isDisabled, settingsOf, type PackConfig } from "./packConfig";
import { RULES } from "./rules";
import { isObject, type Properties, type StackResource } from "./stack/resource";
import { Stack } from "./stack/stack";

export interface Judgement extends Findings {
  /** How many rules judged. */
  readonly checked: number;
}

export function judge(resources: readonly StackResource[], config: PackConfig = {}): Judgement {
  const stack = new Stack(resources.map(withoutSecrets));
  const rules = RULES.filter((rule) => !isDisabled(config, rule.name));
  const each = rules.map((rule) => inspect(rule, stack, settingsOf(config, rule.name)));
  return {
    checked: rules.length,
    violations: each.flatMap(({ violations }) => violations),
    undecided: each.flatMap(({ undecided }) => undecided),
  };
}

/** How Pulumi marks a secret on the wire; rules read what is in it, and never print it. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

function withoutSecrets(resource: StackResource): StackResource {
  const { inputs, outputs } = resource;
  if (!resource.type.startsWith("aws:")) return resource;
  const plain = { urn: resource.urn, type: resource.type, name: resource.name, id: resource.id };
  const { propertyDependencies } = resource;
  return {
    ...plain,
    propertyDependencies,
    inputs: inputs && (unwrapped(inputs) as Properties),
    outputs: unwrapped(outputs) as Properties,
  };
}

function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (!isObject(value) || !isPlain(value)) return value;
  if (value[SIGNATURE] === SECRET) return unwrapped(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unwrapped(each)]));
}

/** Assets and archives stay what they are. */
const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value) as object);
