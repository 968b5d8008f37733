/** `actions("ecs", "CreateCluster DeleteCluster")` → `ecs:CreateCluster`, `ecs:DeleteCluster`. */
export function actions(service: string, names: string): string[] {
  return names.split(" ").map((name) => `${service}:${name}`);
}

/** What a type of resource needs of whoever deploys it. */
export interface Row {
  /** ARNs, with NAME for a component's name, CLUSTER for a cluster's, and REGION and ACCOUNT_ID. */
  readonly resources: readonly string[];
  readonly create: readonly string[];
  readonly read: readonly string[];
  readonly update?: readonly string[];
  readonly delete: readonly string[];
}

/** By type, as the engine names it. */
export type Rows = Readonly<Record<string, Row>>;

const REGIONAL = "REGION:ACCOUNT_ID";

export const ec2 = (names: string): string[] => actions("ec2", names);

/** EC2's ARNs have ids that nobody knows before. */
export const ec2Arn = (resource: string): string => `arn:aws:ec2:${REGIONAL}:${resource}/*`;

/** The ARN of what Pulumi names after a component. */
export const namedArn = (service: string, resource: string): string => `arn:aws:${service}:${REGIONAL}:${resource}`;

export const iamArn = (resource: string): string => `arn:aws:iam::ACCOUNT_ID:${resource}`;
