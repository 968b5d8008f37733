import { credentialIn } from "../credentials";
import { known, undecided, type Decided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { userDataOf } from "../stack/agents";
import { notKnown } from "../stack/read";
import { UNKNOWN, type Properties } from "../stack/resource";
import { textsOf } from "../stack/userDataText";
import type { Kind } from "../stack/types";
import { conclude } from "./verdict";

const BOOTED_BY = [
  "launchTemplate",
  "launchConfiguration",
  "instance",
  "spotInstanceRequest",
] as const satisfies Kind[];

export const userDataCredentials = defineRule({
  name: "user-data-credentials",
  displayName: "User data has no credential",
  description:
    "User data has no password, token or key in it: whoever may describe the launch template, or asks the instance, reads it.",
  severity: "critical",
  enforcementLevel: "mandatory",
  configSchema: {},
  remediationSteps:
    "Keep it in Secrets Manager or Parameter Store, and read it at boot by the instance's role. Then change it: it has been seen.",
  url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth-container-instances.html",
  validate(stack, report) {
    for (const resource of BOOTED_BY.flatMap((kind) => stack.all(kind)))
      conclude(report, resource, known(true), verdictOn(resource.props));
  },
});

function verdictOn(props: Properties): Decided<Problem | undefined> {
  const userData = userDataOf(props);
  if (userData === UNKNOWN) return undecided(notKnown("userData"));
  const found = typeof userData === "string" ? firstCredential(userData) : undefined;
  if (found === undefined) return known(undefined);
  return known({
    found: `its user data has ${found}`,
    allowed: "none",
    fix: "read it at boot from Secrets Manager or Parameter Store by the instance's role, and change it: it has been seen",
  });
}

function firstCredential(userData: string): string | undefined {
  for (const { name, text } of textsOf(userData)) {
    for (const [index, line] of text.split("\n").entries()) {
      const what = credentialIn(line);
      if (what !== undefined) return `${what} in line ${index + 1}${name === "" ? "" : ` of ${name}`}`;
    }
  }
  return undefined;
}
