/** Begins a round of moves: which tasks, where anything else that goes on lets them. */
import type { ContainerInstance, Task } from "@aws-sdk/client-ecs";
import { isDraining } from "../goesOn";
import { reasonToLeaveTurn } from "../precedence";
import { MARK_TAG, parseMark } from "../tags";
import type { RebalanceAction } from "./act";
import type { GroupTag } from "./groupTag";
import { clusterState, expressionsOf, isOpen, type ServicesRead } from "./placed";
import { REST_MS } from "./moving";
import { planMoves } from "./plan";
import {
  readBounds,
  readDefinitions,
  readIsRefreshing,
  readMembers,
  readProtections,
  readServices,
  readTasks,
  type GroupTags,
  type Reading,
} from "./read";
import type { ServiceFacts } from "./services";

export interface Beginning {
  readonly actions: readonly RebalanceAction[];
  /** Services that are left alone, and why. */
  readonly stays: readonly { readonly service: string; readonly reason: string }[];
  /** Why nothing is moved; undefined where something is, or where all services are left alone. */
  readonly blockedBecause: string | undefined;
  /** Whether what blocks is to pass soon. */
  readonly isPassing: boolean;
}

/** A group may have 50 tags, the declared ones included. */
const MOST_TAGGED = 20;

const NOTHING: Beginning = { actions: [], stays: [], blockedBecause: undefined, isPassing: false };

/** @param tags of which no service moves, though some may rest */
export async function begin(
  instances: readonly ContainerInstance[],
  tags: GroupTags,
  reading: Reading,
): Promise<Beginning> {
  const [services, isRefreshing] = await Promise.all([readServices(reading), readIsRefreshing(reading)]);
  const now = reading.ports.now();
  const joinedAt = Math.max(0, ...instances.map(({ registeredAt }) => registeredAt?.getTime() ?? 0));
  const stays = services.flatMap((service) => reasonOf(service, tags.services.get(service.name), { joinedAt, now }));
  const staying = new Set(stays.map(({ service }) => service));
  const movable = services.filter(({ name }) => !staying.has(name));
  if (movable.length === 0) return { ...NOTHING, stays };
  const goesOn = {
    draining: instances.some(isDraining),
    deployment: services.some(({ isDeploying }) => isDeploying),
    shortage: services.some(({ desiredCount, runningCount }) => runningCount < desiredCount),
    refresh: isRefreshing,
    returnToSpot: tags.isReturning,
  };
  if (isHeadroom(instances, reading.settings))
    return { ...NOTHING, stays, blockedBecause: "empty instances are headroom" };
  const held = reasonToLeaveTurn("rebalance", { ...goesOn, scaleIn: false });
  if (held !== undefined) return { ...NOTHING, stays, blockedBecause: held, isPassing: true };
  const tasks = await readTasks(reading);
  const scaleIn = [...tasks.values()].some((own) => own.some(isScaledIn));
  const blockedBecause = reasonToLeaveTurn("rebalance", { ...goesOn, scaleIn });
  if (blockedBecause !== undefined) return { ...NOTHING, stays, blockedBecause, isPassing: true };
  const read = await readOthers(movable, tasks, reading);
  const state = clusterState(instances, read, reading.ports.now());
  const { moves } = planMoves(state, reading.settings);
  if (moves.length === 0) return { ...NOTHING, stays, blockedBecause: "no move helps" };
  return { ...NOTHING, stays, actions: raises(movable, moves, MOST_TAGGED - tags.services.size) };
}

function reasonOf(
  { name, staysBecause }: ServiceFacts,
  tag: GroupTag | undefined,
  { joinedAt, now }: { readonly joinedAt: number; readonly now: number },
): Beginning["stays"] {
  const isResting = tag?.kind === "resting" && tag.until > now && !hasJoinedSince(tag.until, joinedAt, now);
  const reason = staysBecause ?? (isResting ? "its tasks have moved a moment ago, or in vain" : undefined);
  return reason === undefined ? [] : [{ service: name, reason }];
}

/** Moves that were in vain may help where an instance has joined since; the short rest after others lasts in any case. */
const hasJoinedSince = (until: number, joinedAt: number, now: number): boolean =>
  until - now > REST_MS.moved && joinedAt > until - REST_MS.vain;

/**
 * Managed scaling counts every instance with a task as needed, and launches another wherever too few are left empty: filled, they
 * would make the group grow to its maximum.
 * @see https://aws.amazon.com/blogs/containers/deep-dive-on-amazon-ecs-cluster-auto-scaling/
 */
function isHeadroom(instances: readonly ContainerInstance[], { targetCapacityPercent }: Reading["settings"]): boolean {
  const open = instances.filter(isOpen);
  const empty = open.filter(
    ({ runningTasksCount = 0, pendingTasksCount = 0 }) => runningTasksCount + pendingTasksCount === 0,
  );
  return empty.length > 0 && empty.length <= Math.ceil((open.length * (100 - targetCapacityPercent)) / 100);
}

const isScaledIn = ({ tags = [] }: Task): boolean =>
  tags.some(({ key, value = "" }) => key === MARK_TAG && parseMark(value).markedBy === "scaleIn");

async function readOthers(
  services: readonly ServiceFacts[],
  tasks: ReadonlyMap<string, readonly Task[]>,
  reading: Reading,
): Promise<ServicesRead> {
  const names = services.map(({ name }) => name);
  const arns = names.flatMap((name) => (tasks.get(name) ?? []).flatMap(({ taskArn }) => taskArn ?? []));
  const [definitions, protectedUntil, bounds] = await Promise.all([
    readDefinitions(
      reading,
      services.map(({ taskDefinitionArn }) => taskDefinitionArn),
    ),
    readProtections(reading, arns),
    readBounds(reading, names),
  ]);
  const expressions = [
    ...services.flatMap(({ memberOf }) => memberOf),
    ...[...definitions.values()].flatMap(expressionsOf),
  ];
  const members = await readMembers(reading, expressions);
  const mostTasks = new Map([...bounds].map(([name, { most }]) => [name, most]));
  return { services, tasks, definitions, protectedUntil, members, mostTasks };
}

function raises(
  services: readonly ServiceFacts[],
  moves: readonly { readonly service: string }[],
  most: number,
): RebalanceAction[] {
  const raised = services.flatMap(({ name, desiredCount: from }): RebalanceAction[] => {
    const count = moves.filter(({ service }) => service === name).length;
    const reason = `${count} of its tasks are to run on emptier instances`;
    return count === 0 ? [] : [{ kind: "raise", service: name, from, to: from + count, reason }];
  });
  return raised.slice(0, Math.max(0, most));
}
