/** How many tasks of a service may be missing, and how many too many, while an instance drains. */
import { allDecided, mapDecided, type Decided } from "../decided";
import { number, valueAt } from "./read";
import type { Resource } from "./resource";
import type { Stack } from "./stack";

export interface Percents {
  readonly minimum: number;
  readonly maximum: number;
  /** Tasks at the least, or undefined where only the percents are known. */
  readonly count: number | undefined;
}

/** AWS's defaults for replicas.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html */
const DEFAULT_MINIMUM = 100;
const DEFAULT_MAXIMUM = 200;

export function percentsOf(stack: Stack, service: Resource): Decided<Percents> {
  const { props } = service;
  const each = [number(props, "deploymentMinimumHealthyPercent"), number(props, "deploymentMaximumPercent")];
  const count = countOf(stack, service);
  return mapDecided(allDecided(each), ([minimum = DEFAULT_MINIMUM, maximum = DEFAULT_MAXIMUM]) => ({
    minimum,
    maximum,
    count: count.kind === "known" && count.value ? count.value : undefined,
  }));
}

/** Where the service is scaled, the fewest that it is scaled to. */
function countOf(stack: Stack, service: Resource): Decided<number | undefined> {
  const target = stack.once(scalingTargets, stack).get(service);
  return target ? number(target.props, "minCapacity") : number(service.props, "desiredCount");
}

/** A target's id is `service/<cluster>/<service>`. */
function scalingTargets(stack: Stack): Map<Resource, Resource> {
  return new Map(
    stack.all("scalingTarget").flatMap((target) => {
      const id = valueAt(target.props, "resourceId");
      const named = typeof id === "string" ? stack.named("service", id.split("/")[2] ?? "") : undefined;
      const services = named ? [named] : stack.dependenciesOf(target, "resourceId", "service");
      return services.map((service) => [service, target] as const);
    }),
  );
}

/** No task may stop before another is healthy: the minimum is rounded up. */
export function waitsForReplacement({ minimum, count }: Percents): boolean {
  return count === undefined ? minimum >= 100 : Math.ceil((count * minimum) / 100) >= count;
}

/** No task may start before another has stopped: the maximum is rounded down. */
export function waitsForRoom({ maximum, count }: Percents): boolean {
  return count === undefined ? maximum <= 100 : Math.floor((count * maximum) / 100) <= count;
}

export const percentsFound = ({ minimum, maximum, count }: Percents): string =>
  `deploymentMinimumHealthyPercent ${minimum} and deploymentMaximumPercent ${maximum}` +
  (count === undefined ? "" : `, with ${count} ${count === 1 ? "task" : "tasks"}`);
