/** Where a service's tasks run: by its strategy, its cluster's default one, or on whatever instances its cluster has. */
import { anyDecided, known, mapDecided, undecided, type Decided } from "../decided";
import { clusterName } from "../userData/agentSettings";
import { agentOf, type Boot } from "./agents";
import { allCapacity, capacityOf, isPossible, type Capacity } from "./capacity";
import { notKnown, number, objects, text, valueAt } from "./read";
import { UNKNOWN, type Properties, type Resource } from "./resource";
import type { Stack } from "./stack";

/** One of the places that a service's tasks may run in. */
export interface Place {
  /** `instances`: ours, with an agent. `managed`: AWS runs them for ECS. `fargate`: there are none. */
  readonly on: "instances" | "managed" | "fargate";
  readonly spot: Decided<boolean>;
  /** Of `instances`, where this stack shows them. */
  readonly capacity?: Capacity;
}

export function placesOf(stack: Stack, service: Resource): readonly Place[] {
  return stack.once(readPlaces, service);
}

/** Whether any of its tasks may run on a Spot instance. Fargate has no instance whose notice would have to be shared. */
export function onSpotInstances(stack: Stack, service: Resource): Decided<boolean> {
  return anyDecided(spotPlaces(stack, service).map(({ spot }) => spot));
}

/** The places on instances that are Spot, or may be. */
export function spotPlaces(stack: Stack, service: Resource): readonly Place[] {
  return placesOf(stack, service).filter(({ on, spot }) => on !== "fargate" && isPossible(spot));
}

export function onFargateSpot(stack: Stack, service: Resource): Decided<boolean> {
  return anyDecided(
    placesOf(stack, service)
      .filter(({ on }) => on === "fargate")
      .map(({ spot }) => spot),
  );
}

export function isDaemon({ props }: Resource): boolean {
  return valueAt(props, "schedulingStrategy") === "DAEMON";
}

const unseen = (reason: string): Place => ({ on: "instances", spot: undecided(reason) });

function readPlaces(stack: Stack, service: Resource): readonly Place[] {
  const strategies = objects(service.props, "capacityProviderStrategies");
  if (strategies.kind === "undecided") return fromUnknownStrategy(stack, service, "capacityProviderStrategies");
  if (strategies.value.length > 0) return byStrategy(stack, service, "capacityProviderStrategies", strategies.value);
  const launchType = text(service.props, "launchType");
  if (launchType.kind === "undecided") return [unseen(launchType.reason)];
  if (launchType.value === "FARGATE") return [{ on: "fargate", spot: known(false) }];
  if (launchType.value === "EXTERNAL") return [];
  return inCluster(stack, service, launchType.value === undefined);
}

function inCluster(stack: Stack, service: Resource, byDefaultStrategy: boolean): readonly Place[] {
  const reference = valueAt(service.props, "cluster") ?? "default";
  const link = stack.follow(service, "cluster", reference, "cluster");
  if (link.kind === "unseen") return [unseen(link.reason)];
  return link.resources.flatMap((cluster) => {
    const strategy = byDefaultStrategy ? defaultStrategy(stack, cluster) : undefined;
    return strategy ?? instancesOf(stack, cluster);
  });
}

function associationsOf(stack: Stack, cluster: Resource): readonly Resource[] {
  return stack.referring("clusterCapacityProviders", "clusterName", cluster, "cluster");
}

function defaultStrategy(stack: Stack, cluster: Resource): readonly Place[] | undefined {
  const property = "defaultCapacityProviderStrategies";
  for (const association of associationsOf(stack, cluster)) {
    const strategies = objects(association.props, property);
    if (strategies.kind === "undecided") return fromUnknownStrategy(stack, association, property);
    if (strategies.value.length > 0) return byStrategy(stack, association, property, strategies.value);
  }
  return undefined;
}

/** One with neither base nor weight gets no task as long as another has a weight. */
function byStrategy(stack: Stack, from: Resource, property: string, strategies: readonly Properties[]): Place[] {
  const used = strategies.filter((each) => ["weight", "base"].some((key) => mayBePositive(number(each, key))));
  return (used.length > 0 ? used : strategies).flatMap(({ capacityProvider }) =>
    placesOfProvider(stack, from, property, capacityProvider),
  );
}

const mayBePositive = (share: Decided<number | undefined>): boolean =>
  share.kind === "undecided" || (share.value ?? 0) > 0;

function fromUnknownStrategy(stack: Stack, from: Resource, property: string): readonly Place[] {
  return placesOfProvider(stack, from, property, UNKNOWN);
}

function placesOfProvider(stack: Stack, from: Resource, property: string, reference: unknown): readonly Place[] {
  if (reference === "FARGATE") return [{ on: "fargate", spot: known(false) }];
  if (reference === "FARGATE_SPOT") return [{ on: "fargate", spot: known(true) }];
  const link = stack.follow(from, property, reference, "capacityProvider");
  if (link.kind === "unseen") return [unseen(link.reason)];
  return link.resources.flatMap((provider) => ofProvider(stack, provider));
}

function ofProvider(stack: Stack, provider: Resource): readonly Place[] {
  const { props } = provider;
  if (valueAt(props, "managedInstancesProvider") !== undefined) {
    const option = text(props, "managedInstancesProvider.instanceLaunchTemplate.capacityOptionType");
    return [{ on: "managed", spot: mapDecided(option, (type) => type === "SPOT") }];
  }
  const arn = valueAt(props, "autoScalingGroupProvider.autoScalingGroupArn");
  const link = stack.follow(provider, "autoScalingGroupProvider", arn, "group");
  if (link.kind === "unseen") return [unseen(link.reason)];
  return link.resources.flatMap((group) => inCapacity(capacityOf(stack, group)));
}

const inCapacity = (capacity: Capacity | undefined): Place[] =>
  capacity ? [{ on: "instances", spot: capacity.spot, capacity }] : [];

/** All instances of a cluster: without a strategy, tasks go wherever there is room. */
function instancesOf(stack: Stack, cluster: Resource): readonly Place[] {
  const places = allCapacity(stack).flatMap((capacity) => {
    const joins = joinsCluster(stack, capacity, cluster);
    if (!isPossible(joins)) return [];
    const spot = joins.kind === "known" ? capacity.spot : both(joins, capacity.spot);
    return [{ on: "instances" as const, spot, capacity }];
  });
  return places.length > 0 ? places : [unseen(`no instances of ${cluster.label} are in this stack`)];
}

/** Spot in a cluster that may be another: undecided, unless it isn't Spot at all. */
function both(joins: Decided<boolean>, spot: Decided<boolean>): Decided<boolean> {
  return spot.kind === "known" && !spot.value ? spot : mapDecided(joins, () => true);
}

function joinsCluster(stack: Stack, capacity: Capacity, cluster: Resource): Decided<boolean> {
  if (!isPossible(capacity.ecs)) return known(false);
  const associated = associationsOf(stack, cluster).flatMap((each) => associatedProviders(stack, each));
  if (capacity.providers.some((provider) => associated.includes(provider))) return known(true);
  return anyDecided([
    ...capacity.boots.map((boot) => bootsInto(stack, boot, cluster)),
    ...capacity.unseenBoots.map((reason) => undecided(reason)),
  ]);
}

function associatedProviders(stack: Stack, association: Resource): readonly Resource[] {
  const property = "capacityProviders";
  const names = valueAt(association.props, property);
  return (Array.isArray(names) ? (names as unknown[]) : [UNKNOWN]).flatMap((name) => {
    const link = stack.follow(association, property, name, "capacityProvider");
    return link.kind === "found" ? link.resources : [];
  });
}

function bootsInto(stack: Stack, boot: Boot, cluster: Resource): Decided<boolean> {
  const properties = ["userData", "userDataBase64"];
  if (properties.some((property) => stack.dependenciesOf(boot.resource, property, "cluster").includes(cluster)))
    return known(true);
  const name = clusterName(agentOf(stack, boot));
  if (name.kind === "undecided") return name;
  if (cluster.identities.length === 0) return undecided(notKnown(`the name of ${cluster.label}`));
  return known(cluster.identities.includes(name.value));
}
