/** How fast a load balancer, or ECS itself, sees that a task is healthy, or gone. */
import { allDecided, known, mapDecided, type Decided } from "../decided";
import { number, text, valueAt } from "./read";
import type { Resource } from "./resource";
import type { Stack } from "./stack";
import { containersOf, targetGroupsOf, taskDefinitionOf, type Container } from "./tasks";

/** What the AWS provider makes of a health check that says nothing.
 * @see https://www.pulumi.com/registry/packages/aws/api-docs/lb/targetgroup/#targetgrouphealthcheck */
const DEFAULTS = { interval: 30, healthyThreshold: 3, unhealthyThreshold: 3 };

/** Of a container's own check. @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
const CONTAINER_INTERVAL = 30;

/** A task with neither balancer nor check counts as healthy so many seconds after it runs.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html */
const UNCHECKED_SECONDS = 40;

/** Network Load Balancers want a new target to pass as often as one that recovers; others take it at its first success. */
const NETWORK_PROTOCOLS = new Set(["TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"]);

/** Seconds from RUNNING until a task of the service counts as healthy. */
export function secondsToHealthy(stack: Stack, service: Resource): Decided<number> {
  const groups = targetGroupsOf(stack, service);
  if (groups.kind === "undecided") return groups;
  const byBalancer = groups.value.map(secondsUntilInService);
  const byContainer = containerChecks(stack, service);
  if (byContainer.kind === "undecided" && groups.value.length === 0) return byContainer;
  const checks = byContainer.kind === "known" ? byContainer.value : [];
  if (byBalancer.length + checks.length === 0) return known(UNCHECKED_SECONDS);
  return mapDecided(allDecided([...byBalancer, ...checks]), (each) => Math.max(...each));
}

export function secondsUntilInService({ props }: Resource): Decided<number> {
  const protocol = text(props, "protocol");
  if (protocol.kind === "undecided") return protocol;
  const interval = number(props, "healthCheck.interval");
  const threshold = NETWORK_PROTOCOLS.has(protocol.value ?? "")
    ? mapDecided(number(props, "healthCheck.healthyThreshold"), (passes = DEFAULTS.healthyThreshold) => passes)
    : known(1);
  return mapDecided(allDecided([interval, threshold]), ([seconds = DEFAULTS.interval, passes = 1]) => passes * seconds);
}

/** Seconds that requests go on being routed to a target that is gone. */
export function secondsUntilOutOfService({ props }: Resource): Decided<number> {
  const each = [number(props, "healthCheck.interval"), number(props, "healthCheck.unhealthyThreshold")];
  return mapDecided(
    allDecided(each),
    ([interval = DEFAULTS.interval, threshold = DEFAULTS.unhealthyThreshold]) => interval * threshold,
  );
}

function containerChecks(stack: Stack, service: Resource): Decided<Decided<number>[]> {
  const definition = taskDefinitionOf(stack, service);
  if (definition.kind === "undecided") return definition;
  if (definition.value === undefined) return known([]);
  return mapDecided(containersOf(stack, definition.value), (list) => list.filter(isChecked).map(checkInterval));
}

const isChecked = ({ props }: Container): boolean =>
  valueAt(props, "healthCheck") !== undefined && props.essential !== false;

export function checkInterval({ props }: Container): Decided<number> {
  return mapDecided(number(props, "healthCheck.interval"), (seconds) => seconds ?? CONTAINER_INTERVAL);
}
