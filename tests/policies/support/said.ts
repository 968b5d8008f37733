/** What one rule says about a stack. */
import { inspect } from "../../../policies/inspect";
import type { Rule } from "../../../policies/rule";
import type { StackResource } from "../../../policies/stack/resource";
import { Stack } from "../../../policies/stack/stack";
import type { StackOf } from "./declared";

type Config = Readonly<Record<string, unknown>>;

/** Its violations, once the stack is deployed. */
export function violations(rule: Rule, { stack }: { readonly stack: StackOf }, config: Config = {}): string[] {
  return inspectAll(rule, stack.deployed(), config).violations.map(({ message }) => message);
}

/** What it can't tell, once the stack is deployed. */
export function undecided(rule: Rule, { stack }: { readonly stack: StackOf }, config: Config = {}): string[] {
  return inspectAll(rule, stack.deployed(), config).undecided.map(({ message }) => message);
}

/** What it can't tell in a first preview. */
export function undecidedInPreview(rule: Rule, { stack }: { readonly stack: StackOf }): string[] {
  return inspectAll(rule, stack.previewed(), {}).undecided.map(({ message }) => message);
}

const inspectAll = (rule: Rule, resources: readonly StackResource[], config: Config) =>
  inspect(rule, new Stack(resources), config);
