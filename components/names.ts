/** Names of resources, and the parts of ARNs. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "./problems";

/** Pulumi's autonaming adds a hyphen and seven random digits to a logical name. */
const AUTONAME_LENGTH = 8;

/** Longest name of a load balancer or target group.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html */
const ELB_NAME_LENGTH = 32;

/** With the longest suffix of a part (`-drain-function-role`) and the random digits, an IAM role's 64 characters. */
const COMPONENT_NAME_LENGTH = 36;

/** A logical name that, once autonamed, fits the 32 characters of a load balancer or target group.
 * The name stays autonamed, so that a replacement can be made before the old one is deleted. */
export function elbName(name: string): string {
  const longest = ELB_NAME_LENGTH - AUTONAME_LENGTH;
  if (name.length <= longest) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 6);
  return `${name.slice(0, longest - hash.length - 1).replace(/-+$/, "")}-${hash}`;
}

export function nameProblems(name: string): Problem[] {
  if (name.length <= COMPONENT_NAME_LENGTH && /^[a-zA-Z]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/.test(name)) return [];
  const allowed = `at most ${COMPONENT_NAME_LENGTH} letters, digits and hyphens, a letter first, no hyphen last`;
  return [{ property: "name", given: name, allowed, change: "shorten or respell the component's name" }];
}

/** `arn:partition:service:region:account:resource` in its parts.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function parseArn(arn: string): {
  partition: string;
  service: string;
  region: string;
  accountId: string;
  resource: string;
} {
  const [, partition = "", service = "", region = "", accountId = "", ...resource] = arn.split(":");
  return { partition, service, region, accountId, resource: resource.join(":") };
}

/** The ARN, or a pattern of ARNs, of another service's resources in the account and Region of `arn`. */
export function arnBeside(arn: pulumi.Input<string>, service: string, resource: string): pulumi.Output<string> {
  return pulumi.output(arn).apply((known) => {
    const { partition, region, accountId } = parseArn(known);
    return `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
  });
}

/** The ARN pattern of a cluster's container instances, services or tasks. */
export function clusterResourcesArn(
  clusterArn: pulumi.Input<string>,
  kind: "container-instance" | "service" | "task",
): pulumi.Output<string> {
  return pulumi.output(clusterArn).apply((arn) => `${arn.replace(":cluster/", `:${kind}/`)}/*`);
}
