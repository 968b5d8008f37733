/** The IAM policies of whoever deploys, previews or looks for drift, from what the program declares. */
import { iamArn, namedArn, type Row } from "./actions";
import type { Declared } from "./program";
import { awsTypes, POLICIES, rowsOf, withoutRow, type PolicyName } from "./rows";

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** Actions that AWS lets nobody narrow to a resource.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
const UNSCOPED = [
  /^acm:RequestCertificate$/,
  /^application-autoscaling:Describe/,
  /^autoscaling:Describe/,
  // Of an alarm's name AWS asks only where one is given.
  /^cloudwatch:DescribeAlarms$/,
  // Of a VPC's attributes alone EC2 asks for the VPC.
  /^ec2:Describe(?!VpcAttribute$)/,
  /^ecr:GetAuthorizationToken$/,
  /^ecs:(Describe|Deregister)TaskDefinition$/,
  /^elasticloadbalancing:Describe/,
  /^kms:CreateKey$/,
  /^lambda:CreateEventSourceMapping$/,
  /^logs:DescribeLogGroups$/,
];
const isUnscoped = (action: string): boolean => UNSCOPED.some((pattern) => pattern.test(action));

/** What Pulumi's names begin with. */
type Names = Pick<Declared, "components" | "clusters">;

/** Of those, the ones that a condition narrows. */
const CONDITIONS: Readonly<Record<string, (names: Names) => NonNullable<Statement["Condition"]>>> = {
  "acm:RequestCertificate": () => ({ StringEquals: { "acm:ValidationMethod": "DNS" } }),
  "kms:CreateKey": () => ({ StringEquals: { "kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT" } }),
  "lambda:CreateEventSourceMapping": (names) => ({
    ArnLike: { "lambda:FunctionArn": named(namedArn("lambda", "function:NAME-*"), names) },
  }),
};

const LINKED_SERVICES: Readonly<Record<string, readonly string[]>> = {
  "aws:appautoscaling/target:Target": ["ecs.application-autoscaling.amazonaws.com"],
  "aws:autoscaling/group:Group": ["autoscaling.amazonaws.com", "spot.amazonaws.com"],
  "aws:ecs/cluster:Cluster": ["ecs.amazonaws.com"],
  "aws:lb/loadBalancer:LoadBalancer": ["elasticloadbalancing.amazonaws.com"],
};

/** By name: one for each room of the rows, and `preview`, which reads only. @throws where a declared type has no row */
export function deployerPolicies(declared: Declared): Readonly<Record<PolicyName | "preview", PolicyDocument>> {
  const types = awsTypes(declared.types);
  const unknown = withoutRow(types);
  if (unknown.length > 0) {
    throw new Error(
      `Deployer's permissions: no row for ${unknown.join(", ")}. Every declared type needs one: add it to tools/docs/deployer`,
    );
  }
  const all = POLICIES.flatMap((policy) => rowsOf(policy, types));
  return {
    network: document(rowStatements(rowsOf("network", types), declared, EVERYTHING)),
    compute: document([
      ...rowStatements(rowsOf("compute", types), declared, EVERYTHING),
      passRoles(declared),
      linkedRoles(types),
      ...launchStatements(),
    ]),
    traffic: document(rowStatements(rowsOf("traffic", types), declared, EVERYTHING)),
    functions: document(rowStatements(rowsOf("functions", types), declared, EVERYTHING)),
    preview: document(rowStatements(all, declared, READS)),
  };
}

const document = (Statement: readonly Statement[]): PolicyDocument => ({ Version: "2012-10-17", Statement });

/** Which of a row's actions are allowed, and by what its statement is called and put together with those of other rows. */
interface View {
  readonly actionsOf: (row: Row) => readonly string[];
  readonly groupOf: (resources: readonly string[]) => string;
}

const EVERYTHING: View = {
  actionsOf: (row) => [...row.create, ...row.read, ...(row.update ?? []), ...row.delete],
  groupOf: statementId,
};

/** Each read is of its own kind of resource anyhow; one statement for each service is shorter. */
const READS: View = { actionsOf: ({ read }) => read, groupOf: ([arn = ""]) => `Read${inCapitals(serviceOf(arn))}` };

/** One statement for each group of resources, then one for each way of having none. */
function rowStatements(rows: readonly Row[], names: Names, { actionsOf, groupOf }: View): Statement[] {
  const scoped = new Map<string, { readonly actions: Set<string>; readonly resources: Set<string> }>();
  const unscoped = new Set<string>();
  for (const row of rows) {
    const resources = row.resources.flatMap((resource) => named(resource, names));
    const [free, own] = [actionsOf(row).filter(isUnscoped), actionsOf(row).filter((action) => !isUnscoped(action))];
    for (const action of free) unscoped.add(action);
    if (own.length === 0) continue;
    const group = scoped.get(groupOf(resources)) ?? { actions: new Set(), resources: new Set() };
    for (const action of own) group.actions.add(action);
    for (const resource of resources) group.resources.add(resource);
    scoped.set(groupOf(resources), group);
  }
  const onResources = [...scoped].map(([id, { actions, resources }]) => allow(id, actions, [...resources]));
  return [...onResources, ...unscopedStatements([...unscoped], names)];
}

function unscopedStatements(actions: readonly string[], names: Names): Statement[] {
  const conditional = actions.filter((action) => action in CONDITIONS);
  const free = actions.filter((action) => !(action in CONDITIONS));
  return [
    ...conditional.map((action) => ({
      ...allow(action.split(":")[1] ?? action, [action], ["*"]),
      Condition: CONDITIONS[action]?.(names),
    })),
    ...(free.length > 0 ? [allow("NotNarrower", free, ["*"])] : []),
  ];
}

const serviceOf = (arn: string): string => arn.split(":")[2] ?? "";

const inCapitals = (words: string): string =>
  words
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");

/** From the ARNs' services and kinds of resource: `Ec2RouteTableEc2Vpc`. */
function statementId(resources: readonly string[]): string {
  const kinds = resources.map((arn) => {
    const [, , service = "", , , kind = "", rest] = arn.split(":");
    return [service, ...(kind.includes("/") || rest !== undefined ? [kind.split("/")[0] ?? ""] : [])].join("-");
  });
  return inCapitals([...new Set(kinds)].join("-"));
}

function allow(Sid: string, actions: Iterable<string>, resources: readonly string[]): Statement {
  return { Sid, Effect: "Allow", Action: [...actions].sort(), Resource: resources };
}

/** `NAME-*` for each component, and for each cluster where `CLUSTER-*` stands before it. */
function named(resource: string, { components, clusters }: Names): string[] {
  const inClusters = resource.includes("CLUSTER") ? filledIn(resource, "CLUSTER", clusters) : [resource];
  return inClusters.flatMap((each) => (each.includes("NAME") ? filledIn(each, "NAME", components) : [each]));
}

const filledIn = (resource: string, part: string, names: readonly string[]): string[] =>
  names.map((name) => resource.replace(part, name));

/** Roles may be given to the services that trust them, and to no other. */
function passRoles(declared: Declared): Statement {
  return {
    ...allow("PassRoles", ["iam:PassRole"], named(iamArn("role/NAME-*"), declared)),
    Condition: { StringEquals: { "iam:PassedToService": declared.trusted } },
  };
}

/** AWS makes these roles at the first use in an account.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html */
function linkedRoles(types: readonly string[]): Statement {
  const services = types.flatMap((type) => LINKED_SERVICES[type] ?? []).sort();
  return {
    ...allow(
      "ServiceLinkedRoles",
      ["iam:CreateServiceLinkedRole"],
      services.map((service) => iamArn(`role/aws-service-role/${service}/*`)),
    ),
    Condition: { StringEquals: { "iam:AWSServiceName": services } },
  };
}

/** Auto Scaling tries a launch template with the rights of whoever gives it, AMI parameter included.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html */
function launchStatements(): Statement[] {
  const templates = "arn:aws:ec2:REGION:ACCOUNT_ID:launch-template/*";
  return [
    {
      ...allow("LaunchFromTemplates", ["ec2:RunInstances"], ["*"]),
      Condition: { ArnLike: { "ec2:LaunchTemplate": templates } },
    },
    {
      ...allow(
        "TagAtLaunch",
        ["ec2:CreateTags"],
        ["instance", "volume"].map((kind) => `arn:aws:ec2:REGION:ACCOUNT_ID:${kind}/*`),
      ),
      Condition: { StringEquals: { "ec2:CreateAction": "RunInstances" } },
    },
    allow("ReadAmi", ["ssm:GetParameters"], ["arn:aws:ssm:REGION::parameter/aws/service/ecs/optimized-ami/*"]),
  ];
}

/** A managed policy may have this many characters, white space not counted.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const LONGEST_POLICY = 6144;

export const policyLength = (policy: PolicyDocument): number => JSON.stringify(policy).replace(/\s/g, "").length;

/** As JSON in which a list of words is one line. */
export function policyText(policy: PolicyDocument): string {
  return JSON.stringify(policy, null, 2).replace(/\[\s+("[^[\]{}]*")\s+\]/g, (_, words: string) => {
    return `[${words.replace(/\n\s+/g, " ")}]`;
  });
}
