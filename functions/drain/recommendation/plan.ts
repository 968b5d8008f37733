/**
 * What to do about rebalance recommendations, as a pure function of the cluster's state. A recommendation is a hint that is
 * mostly false, so that whatever is done about one can be undone.
 *
 * A hinted instance is tagged with the recommendation's time, and where it is tells how far it has come:
 *
 * | in its group | container instance | it |
 * |---|---|---|
 * | yes | ACTIVE | waits for its turn |
 * | no: detached, so that the group launches another | ACTIVE | serves until its replacement is ACTIVE |
 * | no | DRAINING | is left by its tasks, and ended by the sweep once it is empty |
 *
 * When its time is over it goes the same way back, one step at a look: ACTIVE, in its group, without the tag.
 */
import { reasonToLeaveTurn } from "../../precedence";
import type { Action } from "../plan";
import type { DrainSettings } from "../settings";
import type { NoticedInstance } from "../state";
import type { GroupSizes, HintedInstance, HintState, RecommendedInstance } from "./state";

/** Of the group's desired capacity at once, and at least one. */
export const BUDGET_PERCENT = 10;

/**
 * Reads lag, and two functions that look at once see different hints; of hints that every read shows, both choose the same.
 * EC2 recommends long before it interrupts, if it does.
 */
const SETTLE_MS = 15_000;

/** How many instances of a group may be on their way out for recommendations. */
export const budgetOf = (desiredCapacity: number): number =>
  Math.max(1, Math.floor((desiredCapacity * BUDGET_PERCENT) / 100));

/** A notice takes over at once: what it empties is no hint any more, and doesn't come back. */
export function planTakeOver(noticed: readonly NoticedInstance[], settings: DrainSettings): Action[] {
  if (settings.recommendations !== "hint") return [];
  return noticed.flatMap(({ instanceId, containerInstanceArn }): Action[] => {
    if (containerInstanceArn === undefined) return [];
    return [{ kind: "unmark", instanceId, containerInstanceArn, inVain: false, reason: "interruption notice" }];
  });
}

/** What can be done the moment that a recommendation comes: with "hint", to note it; all else is the sweep's. */
export function planRecommended(recommended: RecommendedInstance, settings: DrainSettings): Action[] {
  const { instanceId, containerInstanceArn, at } = recommended;
  if (containerInstanceArn === undefined || reasonToIgnore(recommended, settings) !== undefined) return [];
  if (settings.recommendations === "hint") {
    return [{ kind: "mark", instanceId, containerInstanceArn, at, reason: "EC2 recommends to replace it" }];
  }
  const reason = "EC2 recommends to replace it";
  return [
    { kind: "drain", instanceId, containerInstanceArn, reason },
    { kind: "detach", instanceId, reason },
  ];
}

/** Why nothing is to be done about a recommendation; undefined where something is. */
export function reasonToIgnore(
  { containerInstanceArn, draining, lifecycleState }: RecommendedInstance,
  { recommendations }: Pick<DrainSettings, "recommendations">,
): string | undefined {
  // Its rule is gone, but the queue may still have had it.
  if (recommendations === "ignore") return "recommendations are ignored";
  if (containerInstanceArn === undefined) return "it is no instance of this cluster, or has not joined it";
  if (draining) return "it drains already";
  return lifecycleState === "InService" ? undefined : `in its group it is ${lifecycleState ?? "none"}`;
}

/** Where recommendations aren't hints any more, nobody puts back what was taken up as one: it was replaced, and goes. */
export function planLeftBehind(hinted: readonly HintedInstance[]): Action[] {
  const serving = hinted.filter((each) => each.lifecycleState === undefined && !each.draining);
  return serving.map(({ instanceId, containerInstanceArn }): Action => {
    return { kind: "drain", instanceId, containerInstanceArn, reason: "recommendations are no hints any more" };
  });
}

/** The next step of every hinted instance; applying it twice changes nothing. */
export function planHints(state: HintState, settings: DrainSettings, now: number): Action[] {
  const inOrder = [...state.hinted].sort((a, b) => a.at - b.at || (a.instanceId < b.instanceId ? -1 : 1));
  const inGroup = inOrder.filter((each) => each.lifecycleState !== undefined);
  const outside = inOrder.filter((each) => each.lifecycleState === undefined && !(each.draining && each.isEmpty));
  const isOver = ({ at }: HintedInstance): boolean => !(now < at + settings.recommendationMinutes * 60_000);
  const returning = canReturn(state.group) ? outside.filter(isOver) : [];
  const going = outside.filter((each) => !returning.includes(each));
  const waiting = inGroup.filter((each) => isWaiting(each) && !isOver(each));
  return [
    ...inGroup.filter((each) => !waiting.includes(each)).flatMap((each) => letGo(each)),
    ...putBack(returning, state.group),
    ...drainReplaced(going, state.group),
    ...takeUp(waiting, outside.length, state, now),
  ];
}

const isWaiting = ({ draining, lifecycleState }: HintedInstance): boolean =>
  !draining && lifecycleState === "InService";

/** In the group and not waiting: its time is over, or somebody else drains or ends it. */
function letGo(hinted: HintedInstance): Action[] {
  const { instanceId, containerInstanceArn } = hinted;
  const inVain = isWaiting(hinted);
  const reason = inVain ? "nothing came of the recommendation" : "it goes for another reason";
  return [{ kind: "unmark", instanceId, containerInstanceArn, inVain, reason }];
}

/** A group of a fixed size with its replacement in it has no room for the old one: that drains to its end. */
function canReturn({ desiredCapacity, minSize, maxSize }: GroupSizes): boolean {
  return desiredCapacity < maxSize || desiredCapacity > minSize;
}

/** All at once to ACTIVE, and into the group one at a look, so that a group that refuses one counts no other. */
function putBack(returning: readonly HintedInstance[], group: GroupSizes): Action[] {
  const reason = "nothing came of the recommendation";
  const draining = returning.filter((each) => each.draining);
  // One whose agent doesn't answer may be no more; the group would have to find out.
  const active = returning.filter((each) => !each.draining && each.agentConnected);
  const lowerTo = lowered(group);
  return [
    ...draining.map(({ instanceId, containerInstanceArn }): Action => {
      return { kind: "activate", instanceId, containerInstanceArn, reason };
    }),
    ...active.slice(0, 1).map(({ instanceId }): Action => ({ kind: "attach", instanceId, lowerTo, reason })),
  ];
}

/**
 * The desired capacity that is set before one more is attached: it takes the place of a replacement that never came, or there is
 * no room for both. Otherwise managed scaling takes away what is too much.
 */
function lowered({ desiredCapacity, minSize, maxSize, members }: GroupSizes): number | undefined {
  const isReplaced = members >= desiredCapacity;
  if ((isReplaced && desiredCapacity < maxSize) || desiredCapacity <= minSize) return undefined;
  return desiredCapacity - 1;
}

/** As many as the group has replaced begin to drain, the oldest first; what else it lacks comes before them. */
function drainReplaced(going: readonly HintedInstance[], { desiredCapacity, ready }: GroupSizes): Action[] {
  const serving = going.filter((each) => !each.draining);
  const missing = Math.max(0, desiredCapacity - ready);
  return serving.map(({ instanceId, containerInstanceArn }, index): Action => {
    if (index >= serving.length - missing)
      return { kind: "wait", instanceId, reason: "its replacement is not ACTIVE yet" };
    return { kind: "drain", instanceId, containerInstanceArn, reason: "its replacement is ACTIVE" };
  });
}

/** Detaches those for which the budget has room; the group launches their replacements, and they serve on. */
function takeUp(
  waiting: readonly HintedInstance[],
  outside: number,
  { group, goesOn }: HintState,
  now: number,
): Action[] {
  const held = goesOn && reasonToLeaveTurn("recommendation", goesOn);
  const room = Math.max(0, budgetOf(group.desiredCapacity) - outside);
  return waiting.map(({ instanceId, at }, index): Action => {
    if (now < at + SETTLE_MS) return { kind: "wait", instanceId, reason: "it was recommended just now" };
    if (held !== undefined) return { kind: "wait", instanceId, reason: held };
    if (index >= room) return { kind: "wait", instanceId, reason: "others are replaced first" };
    return { kind: "detach", instanceId, reason: "its replacement comes before it goes" };
  });
}
