/**
 * What Pulumi's AWS provider calls for each type of resource.
 *
 * Names of actions and what each can be narrowed to: the Service Authorization Reference,
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * Which of them a type needs: the handlers' permissions in CloudFormation's resource schemas, and the calls in the source of
 * the provider, https://github.com/hashicorp/terraform-provider-aws
 */
import type { Row, Rows } from "./actions";
import { COMPUTE } from "./computeRows";
import { FUNCTIONS } from "./functionRows";
import { IMAGES } from "./imageRows";
import { NAMES } from "./nameRows";
import { NETWORK } from "./networkRows";
import { TRAFFIC } from "./trafficRows";
import { WATCHING } from "./watchingRows";

/** Each is a managed policy of its own, to stay under IAM's size limit. */
export const ROWS = {
  network: NETWORK,
  compute: COMPUTE,
  traffic: { ...TRAFFIC, ...NAMES },
  functions: { ...FUNCTIONS, ...WATCHING, ...IMAGES },
} satisfies Record<string, Rows>;

export type PolicyName = keyof typeof ROWS;
export const POLICIES = Object.keys(ROWS) as PolicyName[];

/** Remote components, whose own resources the program doesn't declare.
 * @see https://github.com/pulumi/pulumi-awsx/blob/master/awsx/ec2/vpc.ts https://github.com/pulumi/pulumi-awsx/tree/master/awsx/ecr */
const EXPANDS_TO: Readonly<Record<string, readonly string[]>> = {
  "awsx:ec2:Vpc": [
    "aws:ec2/vpc:Vpc",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/route:Route",
    "aws:ec2/eip:Eip",
    "aws:ec2/natGateway:NatGateway",
  ],
  "awsx:ecr:Repository": ["aws:ecr/repository:Repository", "aws:ecr/lifecyclePolicy:LifecyclePolicy"],
  "awsx:ecr:Image": ["docker-build:index:Image"],
};

/** Components of ours are only names; a type of AWS or of another package must have rows. */
const isOurs = (type: string): boolean => type.startsWith("spotproof:components:");

/** The types that AWS sees, each once, sorted. */
export function awsTypes(declared: Iterable<string>): string[] {
  const types = [...declared].filter((type) => !isOurs(type)).flatMap((type) => EXPANDS_TO[type] ?? [type]);
  return [...new Set(types)].sort();
}

/** Types for which there is no row. */
export function withoutRow(types: readonly string[]): string[] {
  return types.filter((type) => !POLICIES.some((policy) => type in ROWS[policy]));
}

/** The rows of a policy that the types need. */
export function rowsOf(policy: PolicyName, types: readonly string[]): Row[] {
  const rows: Rows = ROWS[policy];
  return types.flatMap((type) => rows[type] ?? []);
}
