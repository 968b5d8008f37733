/** From how many Spot pools a group can draw: one per instance type and Availability Zone. */
import { allDecided, known, mapDecided, undecided, type Decided } from "../decided";
import type { Capacity } from "./capacity";
import { items, notKnown, objects, text, valueAt } from "./read";
import { UNKNOWN, type Properties, type Resource } from "./resource";
import type { Stack } from "./stack";

export interface Pools {
  readonly instanceTypes: number;
  readonly zones: number;
}

export function poolsOf(stack: Stack, capacity: Capacity): Decided<Pools> {
  const zones = zonesOf(stack, capacity.resource);
  return mapDecided(allDecided([typesOf(capacity), zones]), ([instanceTypes = 0, count = 0]) => ({
    instanceTypes,
    zones: count,
  }));
}

/** Two subnets count as two zones, unless the stack shows that they are in one. */
export function zonesOf(stack: Stack, group: Resource): Decided<number> {
  const zones = items(group.props, "availabilityZones");
  const subnets = items(group.props, "vpcZoneIdentifiers");
  if (subnets.kind === "undecided") return fromDependencies(stack, group);
  if (subnets.value.length === 0) return mapDecided(zones, (each) => new Set(each).size);
  const given = subnets.value.filter((each) => each !== UNKNOWN).map((each) => subnetOf(stack, each));
  const zoned = [...given, ...unknownSubnets(stack, group, subnets.value)].map(zoneOf);
  return known(Math.min(new Set(zoned).size, subnets.value.length));
}

const subnetOf = (stack: Stack, id: unknown): unknown =>
  (typeof id === "string" ? stack.named("subnet", id) : undefined) ?? id;

/** Those of the stack that the unknown ones may be, or as many unlike ones. */
function unknownSubnets(stack: Stack, group: Resource, subnets: readonly unknown[]): unknown[] {
  const unknown = subnets.filter((each) => each === UNKNOWN);
  const found = unknown.length > 0 ? stack.dependenciesOf(group, "vpcZoneIdentifiers", "subnet") : [];
  return found.length > 0 ? [...found] : unknown.map((_, index) => index);
}

function fromDependencies(stack: Stack, group: Resource): Decided<number> {
  const subnets = stack.dependenciesOf(group, "vpcZoneIdentifiers", "subnet");
  return subnets.length > 0 ? known(new Set(subnets.map(zoneOf)).size) : undecided(notKnown("vpcZoneIdentifiers"));
}

/** A subnet of the stack says its zone; any other stands for itself. */
function zoneOf(subnet: unknown): unknown {
  if (typeof subnet !== "object" || subnet === null) return subnet;
  const { props } = subnet as Resource;
  const zone = valueAt(props, "availabilityZone") ?? valueAt(props, "availabilityZoneId");
  return typeof zone === "string" ? zone : subnet;
}

/** By attributes, EC2 finds as many types as there are. */
const MANY = Number.POSITIVE_INFINITY;

function typesOf({ resource, boots, unseenBoots }: Capacity): Decided<number> {
  const overrides = objects(resource.props, "mixedInstancesPolicy.launchTemplate.overrides");
  if (overrides.kind === "undecided") return overrides;
  if (overrides.value.length > 0) return namedTypes(overrides.value);
  if (unseenBoots.length > 0) return undecided(unseenBoots.join("; "));
  return namedTypes(boots.map(({ props }) => props));
}

function namedTypes(each: readonly Properties[]): Decided<number> {
  if (each.some((one) => valueAt(one, "instanceRequirements") !== undefined)) return known(MANY);
  return mapDecided(allDecided(each.map((one) => text(one, "instanceType"))), (types) => new Set(types).size);
}
