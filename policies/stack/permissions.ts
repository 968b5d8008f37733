/** What a role of the stack may do, as far as its policies tell. Denials and conditions are not looked at. */
import { anyDecided, known, undecided, type Decided } from "../decided";
import { items, notKnown, objects, valueAt } from "./read";
import { isObject, UNKNOWN, type Properties, type Resource } from "./resource";
import type { Stack } from "./stack";
import { parseJson } from "./tasks";

/** AWS's own policies that matter to what is asked here, by the end of their ARN. */
const MANAGED: Readonly<Record<string, readonly string[]>> = {
  AdministratorAccess: ["*"],
  PowerUserAccess: ["*"],
  AutoScalingFullAccess: ["autoscaling:*"],
  AmazonEC2FullAccess: ["autoscaling:*", "ec2:*"],
  AmazonECS_FullAccess: ["ecs:*"],
  AmazonSQSFullAccess: ["sqs:*"],
  AWSLambdaSQSQueueExecutionRole: ["sqs:ReceiveMessage", "sqs:DeleteMessage"],
  AWSLambdaBasicExecutionRole: [],
  AWSLambdaVPCAccessExecutionRole: [],
  AmazonECSTaskExecutionRolePolicy: [],
  AmazonSSMManagedInstanceCore: [],
  AWSXRayDaemonWriteAccess: [],
  AWSXrayWriteOnlyAccess: [],
  CloudWatchAgentServerPolicy: [],
};

/** Whether whoever has the role in `from[property]` may call `action`, on `target` or on anything. */
export function mayCall(
  stack: Stack,
  from: Resource,
  property: string,
  action: string,
  target?: Resource,
): Decided<boolean> {
  const link = stack.follow(from, property, valueAt(from.props, property), "role");
  if (link.kind === "unseen") return undecided(link.reason);
  return anyDecided(link.resources.map((role) => roleMayCall(stack, role, action, target)));
}

function roleMayCall(stack: Stack, role: Resource, action: string, target?: Resource): Decided<boolean> {
  const documents = stack.once(documentsOf, role).map((each) => documentAllows(each, action, target));
  return anyDecided([...documents, ...stack.once(managedOf, role).map((arn) => managedAllows(arn, action))]);
}

interface Document {
  /** What it allows. */
  readonly statements: readonly Properties[] | typeof UNKNOWN;
  /** Where it stands, for messages. */
  readonly of: string;
}

function documentFrom(text: unknown, of: string): Document {
  if (text === UNKNOWN) return { statements: UNKNOWN, of };
  const document = typeof text === "string" ? parseJson(text) : text;
  const statements = isObject(document) ? listOf(document.Statement).filter(isObject) : [];
  return { statements: statements.filter(({ Effect }) => Effect === "Allow"), of };
}

function documentsOf(stack: Stack, role: Resource): Document[] {
  const inline = stack
    .referring("rolePolicy", "role", role, "role")
    .map((each) => documentFrom(valueAt(each.props, "policy"), each.label));
  const attached = attachmentsOf(stack, role)
    .flatMap((each) => policiesOf(stack, each))
    .map((each) => documentFrom(valueAt(each.props, "policy"), each.label));
  return [...inline, ...attached, ...ownDocuments(role)];
}

function ownDocuments(role: Resource): Document[] {
  const own = objects(role.props, "inlinePolicies");
  if (own.kind === "undecided") return [documentFrom(UNKNOWN, role.label)];
  return own.value.map(({ policy }) => documentFrom(policy, role.label));
}

/** The stack's own policies that an attachment attaches. */
function policiesOf(stack: Stack, attachment: Resource): readonly Resource[] {
  const link = stack.follow(attachment, "policyArn", valueAt(attachment.props, "policyArn"), "policy");
  return link.kind === "found" ? link.resources : [];
}

function attachmentsOf(stack: Stack, role: Resource): readonly Resource[] {
  return stack.referring("rolePolicyAttachment", "role", role, "role");
}

/** ARNs of policies that aren't in the stack, or unknown. */
function managedOf(stack: Stack, role: Resource): unknown[] {
  const attached = attachmentsOf(stack, role)
    .filter((each) => policiesOf(stack, each).length === 0)
    .map((each) => valueAt(each.props, "policyArn"));
  const own = items(role.props, "managedPolicyArns");
  const arns = own.kind === "known" ? own.value : [UNKNOWN];
  return [...attached, ...arns.filter((arn) => typeof arn !== "string" || !stack.named("policy", arn))];
}

function managedAllows(arn: unknown, action: string): Decided<boolean> {
  if (typeof arn !== "string") return undecided("which managed policies a role has isn't known before the update");
  const actions = MANAGED[arn.split("/").at(-1) ?? ""];
  return actions ? known(matchesAny(actions, action)) : undecided(`what ${arn} allows isn't in this stack`);
}

function documentAllows({ statements, of }: Document, action: string, target?: Resource): Decided<boolean> {
  if (statements === UNKNOWN) return undecided(notKnown(`the policy of ${of}`));
  const granting = statements.filter((each) => grants(each, action));
  return anyDecided(granting.map((each) => covers(each, target)));
}

function grants({ Action, NotAction }: Properties, action: string): boolean {
  if (Action === undefined) return NotAction !== undefined && !matchesAny(listOf(NotAction), action);
  return matchesAny(listOf(Action), action);
}

function covers({ Resource: resources }: Properties, target: Resource | undefined): Decided<boolean> {
  if (target === undefined || listOf(resources).includes("*")) return known(true);
  const arns = target.identities.filter((each) => each.startsWith("arn:"));
  if (arns.length === 0) return undecided(notKnown(`the ARN of ${target.label}`));
  return known(arns.some((arn) => matchesAny(listOf(resources), arn)));
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value]);

/** IAM's wildcards; actions are the same in any letter case. */
function matchesAny(patterns: readonly unknown[], text: string): boolean {
  return patterns.some((pattern) => typeof pattern === "string" && wildcard(pattern).test(text));
}

export function wildcard(pattern: string): RegExp {
  const escaped = pattern.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*+/g, ".*").replace(/\?/g, ".")}$`, "i");
}
