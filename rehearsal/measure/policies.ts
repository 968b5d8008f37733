/** What the policy pack says of a declared stack, as it would when the stack is deployed. */
import { judge } from "../../policies/judge";
import type { Resource } from "../deploy/monitor";
import type { VariantResult } from "./result";

export function policyResult(resources: readonly Resource[]): VariantResult["policies"] {
  const { checked, violations } = judge(resources);
  return { checked, violations: [...violations] };
}
