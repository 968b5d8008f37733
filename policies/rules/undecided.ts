import type { Rule } from "../rule";

/** No rule of its own: what the other rules couldn't tell, so that their silence never stands for consent. */
export const UNDECIDED = {
  name: "undecided",
  displayName: "What couldn't be read",
  description:
    "What another rule couldn't tell: a value that is unknown before the update, or that comes from outside this stack.",
  severity: "low",
  remediationSteps:
    "Give the value in this stack, or look at it by hand. After the update, values that were unknown are judged.",
  url: "https://www.pulumi.com/docs/insights/policy/policy-packs/authoring/",
} as const satisfies Partial<Rule>;
