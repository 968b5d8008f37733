/** What a service runs: its task definition's containers and its target groups. */
import { allDecided, known, mapDecided, undecided, type Decided } from "../decided";
import { notKnown, number, objects, valueAt } from "./read";
import { isObject, UNKNOWN, type Properties, type Resource } from "./resource";
import type { Stack } from "./stack";

export interface Container {
  readonly name: string;
  readonly props: Properties;
}

export function taskDefinitionOf(stack: Stack, service: Resource): Decided<Resource | undefined> {
  const reference = valueAt(service.props, "taskDefinition");
  const link = stack.follow(service, "taskDefinition", reference, "taskDefinition");
  if (link.kind === "unseen") return undecided(link.reason);
  return known(link.resources[0]);
}

/** The services of this stack that run it. */
export function usersOf(stack: Stack, definition: Resource): readonly Resource[] {
  return stack.referring("service", "taskDefinition", definition, "taskDefinition");
}

export function containersOf(stack: Stack, definition: Resource): Decided<readonly Container[]> {
  return stack.once(readContainers, definition);
}

/** A program gives them as JSON text; whoever gives the list itself is understood too. */
function readContainers(_: Stack, { props }: Resource): Decided<readonly Container[]> {
  const given = valueAt(props, "containerDefinitions");
  if (given === UNKNOWN) return undecided(notKnown("containerDefinitions"));
  const list = typeof given === "string" ? parseJson(given) : given;
  if (!Array.isArray(list)) return undecided("containerDefinitions is no JSON list");
  return known(list.filter(isObject).map((each, index) => ({ name: nameOf(each, index), props: each })));
}

const nameOf = ({ name }: Properties, index: number): string => (typeof name === "string" ? name : `#${index + 1}`);

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds that a container sets for itself, or undefined where the agent's setting holds. */
export function ownStopTimeout({ name, props }: Container): Decided<number | undefined> {
  const seconds = number(props, "stopTimeout");
  return seconds.kind === "known" ? seconds : undecided(`container ${name}: ${seconds.reason}`);
}

/** The target groups that a service's tasks are registered with, both of a blue/green pair. */
export function targetGroupsOf(stack: Stack, service: Resource): Decided<readonly Resource[]> {
  return stack.once(readTargetGroups, service);
}

function readTargetGroups(stack: Stack, service: Resource): Decided<readonly Resource[]> {
  const property = "loadBalancers";
  const balancers = objects(service.props, property);
  if (balancers.kind === "undecided") return fromUnknownList(stack, service, property);
  const groups = balancers.value.flatMap((balancer) =>
    referencesOf(balancer).map((each) => targetGroups(stack, service, each)),
  );
  return mapDecided(allDecided(groups), (each) => [...new Set(each.flat())]);
}

function referencesOf(balancer: Properties): unknown[] {
  const each = [
    valueAt(balancer, "targetGroupArn"),
    valueAt(balancer, "advancedConfiguration.alternateTargetGroupArn"),
  ];
  const references = each.filter((reference) => reference !== undefined);
  return references.length > 0 ? references : [valueAt(balancer, "elbName")];
}

function targetGroups(stack: Stack, service: Resource, reference: unknown): Decided<readonly Resource[]> {
  const link = stack.follow(service, "loadBalancers", reference, "targetGroup");
  return link.kind === "found" ? known(link.resources) : undecided(link.reason);
}

function fromUnknownList(stack: Stack, service: Resource, property: string): Decided<readonly Resource[]> {
  const groups = stack.dependenciesOf(service, property, "targetGroup");
  return groups.length > 0 ? known(groups) : undecided(notKnown(property));
}

/** Whether it is behind a load balancer, as far as is known. */
export function isBalanced({ props }: Resource): boolean {
  const balancers = valueAt(props, "loadBalancers");
  return balancers === UNKNOWN || (Array.isArray(balancers) && balancers.length > 0);
}

/** AWS's default is 300 s.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
const DEFAULT_DEREGISTRATION_DELAY_SECONDS = 300;

export function deregistrationDelay({ props }: Resource): Decided<number> {
  return mapDecided(number(props, "deregistrationDelay"), (seconds) => seconds ?? DEFAULT_DEREGISTRATION_DELAY_SECONDS);
}
