/**
 * Evens out a cluster whose instances are unequally full.
 *
 * What AWS leaves undone and this function does: after an interruption a service's tasks stand on the instances that were left, and
 * the one that came in place of the lost one stays empty. ECS moves tasks between zones, but never between instances of a zone, and
 * not while their work is protected. Here the desired count is raised by as many tasks as are to move, ECS places them, and once they
 * serve as many others retire, from where instances are fullest, as the scale-in has them retire: no request and no job is ended.
 *
 * What is raised stands in a tag of the group, and what retires in tags of the tasks; nothing else is remembered. Any look may be the
 * last before a crash, and the one after it goes on.
 */
import type { ContainerInstance } from "@aws-sdk/client-ecs";
import { ANSWER_MS, handledAtOnce, type SqsBatch, type SqsBatchResponse } from "../lambda";
import type { LogRecord } from "../log";
import type { StepPorts } from "../retire/step";
import { act, type Acting, type RebalanceAction, type RebalanceActPorts } from "./act";
import { begin, type Beginning } from "./begin";
import { CHAIN_SECONDS, parseEvent, type RebalanceEvent } from "./event";
import type { GroupTag, Moving } from "./groupTag";
import { Layout } from "./layout";
import { isOpen, roomOf } from "./placed";
import { readInstances, readTags, type RebalanceReadPorts } from "./read";
import { report } from "./report";
import type { RebalanceSettings } from "./settings";
import { tend, type Tended, type Tending } from "./tend";

export interface RebalancePorts extends StepPorts {
  readonly ecs: StepPorts["ecs"] & RebalanceReadPorts["ecs"] & RebalanceActPorts["ecs"];
  readonly autoScaling: RebalanceReadPorts["autoScaling"] & RebalanceActPorts["autoScaling"];
  readonly applicationAutoScaling: RebalanceReadPorts["applicationAutoScaling"];
  log(record: LogRecord): void;
}

interface Handling extends Acting {
  readonly ports: RebalancePorts;
}

/** From a launch until the instance has joined the cluster: it boots, and its agent registers. */
const JOINS_SECONDS = 60;
/** Between two looks at a service whose new tasks start, at a cluster in which something else goes on, and after a round. */
const NEXT_LOOK_SECONDS = { moving: 10, blocked: 30, rested: 70 };
/** For how long looks wait for what goes on to end. */
const BLOCKED_SECONDS = 600;

/**
 * Handles one batch from the function's queue: however many messages, one look.
 * @param remainingMs the invocation's remaining time in milliseconds; nothing is tried again after it.
 */
export async function handleRebalance(
  batch: SqsBatch | null,
  settings: RebalanceSettings,
  ports: RebalancePorts,
  remainingMs: number,
): Promise<SqsBatchResponse> {
  const now = ports.now();
  const handling: Handling = { ports, settings, deadline: now + remainingMs - ANSWER_MS };
  const parse = (body: string | null) => parseEvent(body, settings, now);
  return handledAtOnce(batch, parse, ports, (events) => lookNowOrLater(events, handling));
}

async function lookNowOrLater(events: readonly RebalanceEvent[], handling: Handling): Promise<boolean> {
  const looks = events.filter(({ kind }) => kind !== "joined");
  const joined = looks.length < events.length ? await lookOnceJoined(handling) : true;
  return (looks.length === 0 || (await look(looks, handling))) && joined;
}

async function lookOnceJoined(handling: Handling): Promise<boolean> {
  const until = handling.ports.now() + (JOINS_SECONDS + BLOCKED_SECONDS) * 1000;
  const reason = "an instance was launched";
  const next: RebalanceAction = { kind: "look", until, begins: true, delaySeconds: JOINS_SECONDS, reason };
  const acted = await act([next], handling);
  report({ tended: [], beginning: undefined, apartPercent: undefined, ...acted }, handling.ports, handling.settings);
  return acted.failures.length === 0;
}

async function look(events: readonly RebalanceEvent[], handling: Handling): Promise<boolean> {
  const { ports, settings } = handling;
  const now = ports.now();
  const group = await readTags(handling);
  const tags = group.services;
  let read: Promise<readonly ContainerInstance[]> | undefined;
  const instances = (): Promise<readonly ContainerInstance[]> => (read ??= readInstances(handling));
  const until = Math.max(...events.map((event) => untilOf(event, now)));
  const tended = await tendAll(events, tags, until, { ...handling, instances });
  const isMoving = [...tags.values()].some(({ kind }) => kind === "moving");
  const isTime = events.some((event) => "begins" in event && event.begins);
  const mayBegin = isTime && !isMoving;
  const apartPercent = mayBegin ? apartOf(await instances()) : undefined;
  const isUneven = apartPercent !== undefined && apartPercent > settings.mostApartPercent;
  const beginning = isUneven ? await begin(await instances(), group, handling) : undefined;
  const begun = beginning?.actions ?? [];
  const first = await act([...begun, ...overdue(events, tags, begun, now)], handling);
  const next = await act(nextLook({ tended, beginning, isOwed: isTime && isMoving, until, now }), handling);
  const actions = [...first.actions, ...next.actions];
  const failures = [...first.failures, ...next.failures];
  if (isMoving || first.actions.length > 0 || apartPercent !== undefined)
    report({ tended, beginning, apartPercent, actions, failures }, ports, settings);
  // With a look on its way, a message that came back as well would begin a second chain of them.
  return next.failures.length === 0;
}

const untilOf = (event: RebalanceEvent, now: number): number => {
  if ("until" in event) return event.until;
  return now + (event.kind === "schedule" && event.begins ? BLOCKED_SECONDS : CHAIN_SECONDS) * 1000;
};

/** The services whose tasks move; where there are checks alone, those that they are about. */
function tendAll(
  events: readonly RebalanceEvent[],
  tags: ReadonlyMap<string, GroupTag>,
  until: number,
  tending: Tending,
): Promise<Tended[]> {
  const checks = events.filter((event) => event.kind === "check");
  const named = new Set(checks.map(({ service }) => service));
  const all = checks.length < events.length;
  const moving = [...tags].flatMap(([name, tag]) =>
    tag.kind === "moving" && (all || named.has(name)) ? [[name, tag] as const] : [],
  );
  return Promise.all(
    moving.map(([name, tag]: readonly [string, Moving]) => {
      const known = checks.flatMap(({ service, outAt }) => (service === name ? (outAt ?? []) : []));
      return tend(name, tag, { until, outAt: known.length === 0 ? undefined : Math.max(...known) }, tending);
    }),
  );
}

function apartOf(instances: readonly ContainerInstance[]): number {
  return Layout.of({ instances: instances.filter(isOpen).map(roomOf), services: [] }).apart() * 100;
}

/** Tags of services that have rested for long enough; one that begins to move at this moment has it anew. */
function overdue(
  events: readonly RebalanceEvent[],
  tags: ReadonlyMap<string, GroupTag>,
  begun: readonly RebalanceAction[],
  now: number,
): RebalanceAction[] {
  if (!events.some(({ kind }) => kind === "schedule")) return [];
  const begins = new Set(begun.flatMap((action) => (action.kind === "raise" ? [action.service] : [])));
  const isOverdue = (service: string, tag: GroupTag): boolean =>
    tag.kind === "resting" && tag.until <= now && !begins.has(service);
  return [...tags].flatMap(([service, tag]): RebalanceAction[] =>
    isOverdue(service, tag) ? [{ kind: "untag", service, rested: tag, reason: "it has rested" }] : [],
  );
}

/** One look more for what has no check on its way, or has to wait for something else to end. */
function nextLook({
  tended,
  beginning,
  isOwed,
  until,
  now,
}: {
  readonly tended: readonly Tended[];
  readonly beginning: Beginning | undefined;
  /** Whether it was time for a round while the last one still moved tasks. */
  readonly isOwed: boolean;
  readonly until: number;
  readonly now: number;
}): RebalanceAction[] {
  const { moving, blocked, rested } = NEXT_LOOK_SECONDS;
  const common = { kind: "look", until } as const;
  const isOver = now >= until;
  if (!isOver && (tended.some(({ needsLook }) => needsLook) || beginning?.actions.some(({ kind }) => kind === "raise")))
    return [{ ...common, begins: isOwed, delaySeconds: moving, reason: "tasks move" }];
  // One round may not be enough: ECS places new tasks by zones first, whatever was reckoned with.
  if (tended.some(({ actions }) => actions.some(({ kind }) => kind === "rest")))
    return [
      {
        ...common,
        until: Math.max(until, now + BLOCKED_SECONDS * 1000),
        begins: true,
        delaySeconds: rested,
        reason: "tasks have moved",
      },
    ];
  if (isOver || beginning?.isPassing !== true) return [];
  return [{ ...common, begins: true, delaySeconds: blocked, reason: "something else goes on" }];
}
