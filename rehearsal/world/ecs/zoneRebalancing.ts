/**
 * Availability Zone rebalancing of a service: in steady state one task at a time moves out of the zone with the most of them.
 * The replacement starts first, and the task is stopped once that is healthy; no instance is ever launched for it.
 */
import type { Flags } from "../flags";
import { place } from "./placement";
import type { ContainerInstance } from "./containerInstance";
import type { Random } from "../context";
import { chooseForScaleIn } from "./scaleIn";
import type { Service } from "./service";
import type { ServiceSpec } from "./spec";
import { isActive, type Task } from "./task";

/** A move that is under way. */
export interface ZoneMove {
  readonly replacement: Task;
  /** The zone that gives a task up. */
  readonly from: string;
}

/** Where a move would begin. */
export interface ZoneImbalance {
  readonly from: string;
  /** In the zone with the fewest tasks of those with room. */
  readonly to: ContainerInstance;
}

/**
 * Needs room above the desired count, and strategies that begin with the spread over zones, or none.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
 */
export function canRebalance(spec: ServiceSpec): boolean {
  const [first] = spec.placementStrategies;
  const spreads = first === undefined || (first.type === "spread" && first.field.includes("availability-zone"));
  return spec.availabilityZoneRebalancing && spec.maximumPercent > 100 && spreads;
}

/** Every task runs and is healthy, none has to go, none is stopping, and one more may run. */
export function isSteady({ desiredCount, tasks, standing, maximumRunning }: Service): boolean {
  return (
    tasks.size === desiredCount &&
    standing.healthyCount === desiredCount &&
    standing.leaving.size === 0 &&
    maximumRunning > desiredCount
  );
}

/** What a move would mend; undefined where the zones are even, where a move would only swap them, or where none has room. */
export function imbalanceOf(
  service: Service,
  instances: Iterable<ContainerInstance>,
  random: Random,
): ZoneImbalance | undefined {
  const { spread } = service;
  const from = spread.fullestZone();
  // Whatever way, at least two more than the zone that gets one: else it would have to come back.
  if (from === undefined || spread.inZone(from) < 2) return undefined;
  const needs = { service, taskDefinition: service.taskDefinition, capacityProvider: service.nextProvider() };
  const to = place(needs, instances, random);
  if (to === undefined || spread.inZone(from) - spread.inZone(to.ec2.availabilityZone) < 2) return undefined;
  return [...service.tasks].some((task) => isIn(from, task) && !service.isShielded(task)) ? { from, to } : undefined;
}

/** Whether a move goes on: whatever else happens to the service's tasks ends it, and the replacement becomes one of them. */
export function isUnderWay({ move, standing, desiredCount }: Service): boolean {
  return (
    move !== undefined &&
    isActive(move.replacement) &&
    standing.activeCount === desiredCount + 1 &&
    standing.leaving.size === 0
  );
}

/** Whom a move that is under way stops now: nobody until its replacement is healthy; that, where all others got protected, unless it did too. */
export function leavingByMove(service: Service, { replacement, from }: ZoneMove, flags: Flags, random: Random): Task[] {
  if (!service.isHealthy(replacement)) return [];
  const [leaving] = chooseForScaleIn(service, 1, flags, random, (task) => isIn(from, task));
  if (leaving !== undefined) return [leaving];
  return service.isShielded(replacement) ? [] : [replacement];
}

const isIn = (zone: string, { instance }: Task): boolean => instance?.ec2.availabilityZone === zone;
