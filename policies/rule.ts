/** What a rule is. It knows a stack, nothing of how the stack or the rule is handed over. */
import type { Resource } from "./stack/resource";
import type { Stack } from "./stack/stack";

export type Severity = "low" | "medium" | "high" | "critical";
export type EnforcementLevel = "advisory" | "mandatory";

/** One setting of a rule, in JSON schema. Each has a default, so that a rule runs without any configuration. */
export interface Setting {
  readonly type: "boolean" | "integer" | "number";
  readonly description: string;
  readonly default: boolean | number;
  readonly minimum?: number;
  readonly maximum?: number;
}

export type ConfigSchema<Config> = Readonly<Record<keyof Config, Setting>>;

/** What is wrong, said in one order everywhere. */
export interface Problem {
  readonly found: string;
  readonly allowed: string;
  readonly fix: string;
}

export interface Report {
  violation(resource: Resource, problem: Problem): void;
  /** One possible outcome would be a violation, and `reason` is why it can't be told. */
  undecided(resource: Resource, reason: string): void;
}

export interface Remediation {
  /** The one type of resource that it changes. */
  readonly type: string;
  /** Changes the inputs in place, and says whether it changed any. May throw where one that it reads is unknown. */
  remediate: (props: Record<string, unknown>) => boolean;
}

export interface Rule<Config extends object = object> {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly severity: Severity;
  readonly enforcementLevel: EnforcementLevel;
  readonly configSchema: ConfigSchema<Config>;
  readonly remediationSteps: string;
  readonly url: string;
  validate(stack: Stack, report: Report, config: Config): void;
  readonly remediation?: Remediation;
}

/** Keeps a rule's own type of configuration to itself: outside, it is configured by its schema. */
export function defineRule<Config extends object>(rule: Rule<Config>): Rule {
  return rule;
}

/** What `given` says over the schema's defaults. */
export function configOf(rule: Rule, given: Readonly<Record<string, unknown>> = {}): object {
  const defaults = Object.entries<Setting>(rule.configSchema).map(([key, setting]) => [key, setting.default]);
  return { ...(Object.fromEntries(defaults) as object), ...given };
}

export function messageOf(resource: Resource, { found, allowed, fix }: Problem): string {
  return `${resource.label}: ${found}; allowed: ${allowed}; ${fix}.`;
}
