/** One rule on one stack. */
import { withoutCredentials } from "./credentials";
import { configOf, messageOf, type Rule } from "./rule";
import type { Resource } from "./stack/resource";
import type { Stack } from "./stack/stack";

export interface Finding {
  /** The rule's name. */
  readonly rule: string;
  readonly urn: string;
  readonly message: string;
}

export interface Findings {
  readonly violations: readonly Finding[];
  readonly undecided: readonly Finding[];
}

export function inspect(rule: Rule, stack: Stack, config?: Readonly<Record<string, unknown>>): Findings {
  const violations: Finding[] = [];
  const undecided: Finding[] = [];
  rule.validate(
    stack,
    {
      violation: (resource, problem) => void violations.push(finding(rule, resource, messageOf(resource, problem))),
      undecided: (resource, reason) => void undecided.push(finding(rule, resource, `${resource.label}: ${reason}.`)),
    },
    configOf(rule, config),
  );
  return { violations, undecided };
}

/** Reasons quote the lines of user data that they are about. */
function finding(rule: Rule, { urn }: Resource, message: string): Finding {
  return { rule: rule.name, urn, message: withoutCredentials(message) };
}
