/** Instances that tasks may run on: groups, fleets, single instances; whether Spot is among them, and whether ECS is on them. */
import { allDecided, anyDecided, everyDecided, known, mapDecided, undecided, type Decided } from "../decided";
import { agentOf, mentionsEcs, userDataOf, type Boot } from "./agents";
import { bootsOf } from "./boots";
import { notKnown, number, text, valueAt } from "./read";
import { isObject, UNKNOWN, type Properties, type Resource } from "./resource";
import type { Stack } from "./stack";
import type { Kind } from "./types";

export interface Capacity {
  /** The group, fleet or instance. */
  readonly resource: Resource;
  /** What launches its instances, as far as this stack shows. */
  readonly boots: readonly Boot[];
  /** Why more may launch them than `boots` shows. */
  readonly unseenBoots: readonly string[];
  /** The capacity providers that it belongs to. */
  readonly providers: readonly Resource[];
  /** Whether any of its instances may be Spot. */
  readonly spot: Decided<boolean>;
  /** Whether tasks run on it. */
  readonly ecs: Decided<boolean>;
}

const KINDS = ["group", "spotFleetRequest", "fleet", "instance", "spotInstanceRequest"] as const satisfies Kind[];
type CapacityKind = (typeof KINDS)[number];

export function allCapacity(stack: Stack): readonly Capacity[] {
  return stack.once(readAll, stack);
}

/** ECS capacity that is Spot, or may be: a group that is neither Spot nor ECS for sure is nobody's business here. */
export function spotCapacity(stack: Stack): readonly Capacity[] {
  return allCapacity(stack).filter(({ spot, ecs }) => isPossible(spot) && isPossible(ecs));
}

/** The Auto Scaling groups among them. */
export function spotGroups(stack: Stack): readonly Capacity[] {
  const groups = new Set(stack.all("group"));
  return spotCapacity(stack).filter(({ resource }) => groups.has(resource));
}

/** Whether it is ECS capacity with Spot in it. */
export function spotAndEcs({ spot, ecs }: Capacity): Decided<boolean> {
  return everyDecided([spot, ecs]);
}

export const isPossible = (decided: Decided<boolean>): boolean => decided.kind === "undecided" || decided.value;

export function capacityOf(stack: Stack, resource: Resource): Capacity | undefined {
  return stack.once(byResource, stack).get(resource);
}

const byResource = (stack: Stack): ReadonlyMap<Resource, Capacity> =>
  new Map(allCapacity(stack).map((capacity) => [capacity.resource, capacity]));

function readAll(stack: Stack): Capacity[] {
  return KINDS.flatMap((kind) => stack.all(kind).map((resource) => readCapacity(stack, kind, resource)));
}

function readCapacity(stack: Stack, kind: CapacityKind, resource: Resource): Capacity {
  const { boots, unseen } = bootsOf(stack, kind, resource);
  const providers = stack.referring("capacityProvider", GROUP_ARN, resource, "group");
  const spot = SPOT[kind](resource.props, boots, unseen);
  return { resource, boots, unseenBoots: unseen, providers, spot, ecs: isEcs(stack, resource, boots, providers) };
}

const GROUP_ARN = "autoScalingGroupProvider.autoScalingGroupArn";

type IsSpot = (props: Properties, boots: readonly Boot[], unseen: readonly string[]) => Decided<boolean>;

const SPOT: Readonly<Record<CapacityKind, IsSpot>> = {
  group: (props, boots, unseen) =>
    valueAt(props, "mixedInstancesPolicy") === undefined ? anySpotBoot(boots, unseen) : spotInMix(props),
  spotFleetRequest: () => known(true),
  fleet: (props) => {
    const type = text(props, "targetCapacitySpecification.defaultTargetCapacityType");
    const count = number(props, "targetCapacitySpecification.spotTargetCapacity");
    return anyDecided([mapDecided(type, (each) => each === "spot"), mapDecided(count, (spot = 0) => spot > 0)]);
  },
  instance: (_, boots, unseen) => anySpotBoot(boots, unseen),
  spotInstanceRequest: () => known(true),
};

/** AWS's default is 100 % On-Demand above the base. */
function spotInMix(props: Properties): Decided<boolean> {
  const path = "mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity";
  return mapDecided(number(props, path), (percentage = 100) => percentage < 100);
}

function anySpotBoot(boots: readonly Boot[], unseen: readonly string[]): Decided<boolean> {
  return anyDecided([...boots.map(({ props }) => isSpotBoot(props)), ...unseen.map((reason) => undecided(reason))]);
}

function isSpotBoot(props: Properties): Decided<boolean> {
  const market = text(props, "instanceMarketOptions.marketType");
  const price = text(props, "spotPrice");
  return mapDecided(allDecided([market, price]), ([type, bid]) => type === "spot" || bid !== undefined);
}

/** The images' names, as launch templates and Parameter Store give them. */
const ECS_IMAGE = /\/ecs\/optimized-ami|\/bottlerocket\/aws-ecs|amzn2?-ami-ecs|al20\d\d-ami-ecs/;

function isEcs(
  stack: Stack,
  { props }: Resource,
  boots: readonly Boot[],
  providers: readonly Resource[],
): Decided<boolean> {
  if (providers.length > 0 || hasTag(props, "AmazonECSManaged")) return known(true);
  if (!stack.once(hasEcs, stack)) return known(false);
  const each = boots.map((boot) => bootsAgent(stack, boot));
  return boots.length > 0 ? anyDecided(each) : undecided("what launches its instances isn't in this stack");
}

function bootsAgent(stack: Stack, boot: Boot): Decided<boolean> {
  const image = valueAt(boot.props, "imageId") ?? valueAt(boot.props, "ami");
  if (typeof image === "string" && ECS_IMAGE.test(image)) return known(true);
  const agent = agentOf(stack, boot);
  if (mentionsEcs(agent)) return known(true);
  if (userDataOf(boot.props) === UNKNOWN) return undecided(notKnown("userData"));
  return agent.unread.length === 0 ? known(false) : undecided(`whether its user data sets up ECS: ${agent.unread[0]}`);
}

/** A group has a list of tags, everything else a map. */
function hasTag(props: Properties, key: string): boolean {
  const tags = valueAt(props, "tags");
  if (Array.isArray(tags)) return tags.some((tag) => isObject(tag) && tag.key === key);
  return isObject(tags) && key in tags;
}

function hasEcs(stack: Stack): boolean {
  return (["cluster", "service", "taskDefinition", "capacityProvider"] as const).some(
    (kind) => stack.all(kind).length > 0,
  );
}
