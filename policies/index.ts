/** The policy pack, as `pulumi up --policy-pack` and a policy group run it. */
import { PolicyPack } from "@pulumi/policy";
import { Engine } from "./engine";
import { RULES, UNDECIDED } from "./rules";

const engine = new Engine();

new PolicyPack("spotproof", {
  displayName: "Spotproof",
  description: "Refuses an ECS stack that would lose requests or jobs to a Spot interruption",
  provider: "aws",
  tags: ["ecs", "spot"],
  policies: [...RULES.map((rule) => engine.policyOf(rule)), engine.undecidedPolicy(UNDECIDED)],
});
