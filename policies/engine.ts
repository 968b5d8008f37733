/** Hands the rules to Pulumi's engine as policies, and the engine's resources to the rules. */
import type {
  PolicyConfigSchema,
  PolicyResource,
  ResourceRemediation,
  ResourceValidation,
  ResourceValidationPolicy,
  StackValidation,
  StackValidationPolicy,
} from "@pulumi/policy";
import { inspect, type Finding } from "./inspect";
import type { Rule } from "./rule";
import { UNKNOWN, type Properties, type StackResource } from "./stack/resource";
import { Stack } from "./stack/stack";

/** A rule judges the stack as a whole, since whether a resource matters hangs on what else is there; what it can repair, it
 * repairs one resource at a time. */
type Policy = StackValidationPolicy & Pick<ResourceValidationPolicy, "remediateResource" | "validateResource">;

/** The library takes a violation with a level of its own, and keeps that out of its types. Otherwise "all": "mandatory" would
 * refuse every stack in whose first preview something isn't known. */
interface Violation {
  readonly message: string;
  readonly urn: string;
  readonly enforcementLevel: "advisory";
}

/** What the rules of one run share. */
interface Run {
  readonly stack: Stack;
  readonly undecided: Finding[];
}

export class Engine {
  private run: Run | undefined;
  private readonly inputs = new Map<string, Properties>();

  policyOf(rule: Rule): Policy {
    const validateStack: StackValidation = (args, report) => {
      const run = this.runOn(args.resources);
      const { violations, undecided } = inspect(rule, run.stack, args.getConfig<Record<string, unknown>>());
      run.undecided.push(...undecided);
      for (const { message, urn } of violations) report(message, urn);
    };
    return {
      ...describe(rule),
      validateStack,
      ...(rule.remediation && { remediateResource: remediationOf(rule.remediation) }),
    };
  }

  /** Reports, as the last policy, what the others couldn't tell: a policy has one level only, and theirs may be mandatory. */
  undecidedPolicy(
    description: Pick<Rule, "name" | "displayName" | "description" | "severity" | "remediationSteps" | "url">,
  ): Policy {
    const validateStack: StackValidation = ({ resources }, report) => {
      const advise = report as unknown as (violation: Violation) => void;
      for (const { rule, message, urn } of this.runOn(resources).undecided)
        advise({ message: `${rule} can't tell. ${message}`, urn, enforcementLevel: "advisory" });
    };
    return { ...description, enforcementLevel: "advisory", validateResource: this.rememberInputs, validateStack };
  }

  /** The engine shows a stack policy outputs only, and in a preview those don't tell what is left out from what is unknown. */
  private readonly rememberInputs: ResourceValidation = ({ urn, type, props }) => {
    if (type.startsWith("aws:")) this.inputs.set(urn, propertiesOf(props));
  };

  /** The policies judge one after the other within one turn of the event loop, each with a copy of the same resources. */
  private runOn(resources: readonly PolicyResource[]): Run {
    if (!this.run) {
      this.run = { stack: new Stack(resources.filter(isAws).map((each) => this.asStackResource(each))), undecided: [] };
      setImmediate(() => {
        this.run = undefined;
        this.inputs.clear();
      });
    }
    return this.run;
  }

  private asStackResource(resource: PolicyResource): StackResource {
    const { urn, type, name, props, propertyDependencies } = resource;
    const dependencies = Object.entries(propertyDependencies).map(([key, each]) => [key, each.map((one) => one.urn)]);
    return {
      urn,
      type,
      name,
      inputs: this.inputs.get(urn),
      outputs: propertiesOf(props),
      propertyDependencies: Object.fromEntries(dependencies) as Record<string, string[]>,
    };
  }
}

const isAws = ({ type }: PolicyResource): boolean => type.startsWith("aws:");

function describe(rule: Rule): Omit<StackValidationPolicy, "validateStack"> {
  const { name, displayName, description, severity, enforcementLevel, configSchema, remediationSteps, url } = rule;
  const properties = configSchema as PolicyConfigSchema["properties"];
  const hasConfig = Object.keys(properties).length > 0;
  return {
    ...{ name, displayName, description, severity, enforcementLevel, remediationSteps, url },
    ...(hasConfig && { configSchema: { properties } }),
  };
}

/** Of the given type only: the library looks at this property and spares the call for every other one. */
function remediationOf({ type, remediate }: NonNullable<Rule["remediation"]>): ResourceRemediation {
  const repair: ResourceRemediation = ({ props, ...args }) =>
    args.type === type && remediate(props) ? props : undefined;
  return Object.assign(repair, { __pulumiType: type });
}

/** What stands for an unknown value on the wire, by its type. */
const UNKNOWN_VALUES = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Own descriptors and not plain reads: the library hands over proxies whose reads throw at an unknown value. */
function propertiesOf(props: object): Properties {
  const each = Object.entries(Object.getOwnPropertyDescriptors(props));
  return Object.fromEntries(each.map(([key, { value }]) => [key, plain(value)]));
}

function plain(value: unknown): unknown {
  if (typeof value === "string") return UNKNOWN_VALUES.has(value) ? UNKNOWN : value;
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "object" && value !== null ? propertiesOf(value) : value;
}
