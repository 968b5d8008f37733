/**
 * The way back to Spot, one On-Demand Instance at a time, of which each look does one step:
 *
 * 1. The one with the fewest tasks is marked, the base lowered by one and the instance detached: the group launches a Spot Instance in
 *    its place at once, while it goes on serving.
 * 2. Once the group is complete and all of it has joined the cluster, it is drained: by the new Spot Instance, or, where none could be
 *    had, by a new On-Demand Instance, and then the next attempt waits longer.
 * 3. Once it is empty it is ended, and the mark taken off.
 */
import { reasonToLeaveTurn } from "../precedence";
import { raisedBase } from "./distribution";
import { FIRST_WAIT_MINUTES, type Mark } from "./mark";
import type { Action } from "./plan";
import type { FallbackSettings } from "./settings";
import type { DetachedState, FallbackState, Standing } from "./state";
import { weigh } from "./weigh";

export interface ReturnPlan {
  readonly actions: readonly Action[];
  /** Instances that were replaced by Spot ones. */
  readonly returned: number;
  /** Why nothing is begun; undefined where something is, or nothing has to be. */
  readonly waitsFor: string | undefined;
}

const NOTHING: ReturnPlan = { actions: [], returned: 0, waitsFor: undefined };

const waits = (waitsFor: string): ReturnPlan => ({ ...NOTHING, waitsFor });

const does = (...actions: Action[]): ReturnPlan => ({ ...NOTHING, actions });

/** @param now milliseconds since the epoch */
export function planReturn(state: FallbackState, settings: FallbackSettings, now: number): ReturnPlan {
  const { mark, detached } = state;
  if (mark === undefined) return NOTHING;
  if (detached !== undefined) return goOn(state, detached, mark, settings, now);
  return begin(state, mark, settings, now);
}

function begin(state: FallbackState, mark: Mark, settings: FallbackSettings, now: number): ReturnPlan {
  const { missing, standIns, declared } = weigh(state, settings);
  if (standIns === 0) return NOTHING;
  if (missing > 0) return waits("the group misses instances");
  if (now < mark.until)
    return waits(`no Spot was to be had; the next attempt is at ${new Date(mark.until).toISOString()}`);
  const held = reasonToLeaveTurn("returnToSpot", state.goesOn);
  if (held !== undefined) return waits(held);
  if (!areAllJoined(state.members)) return waits("an instance has not joined the cluster yet");
  const chosen = fewestTasks(state.members.filter(({ lifecycle }) => lifecycle === "on-demand"));
  if (chosen === undefined) return NOTHING;
  const { instanceId } = chosen;
  const instances = standIns - 1;
  const reason = `a Spot Instance is to replace ${instanceId}`;
  const from = state.distribution.base;
  const to = raisedBase(declared, instances, state.desired);
  return does(
    { kind: "mark", mark: { ...mark, instances, detached: instanceId, failed: false }, reason },
    ...(from === to ? [] : [{ kind: "setBase", from, to, reason } as const]),
    { kind: "detach", instanceId, reason },
  );
}

function goOn(
  state: FallbackState,
  { instanceId, inGroup, gone, containerInstanceArn, draining, empty }: DetachedState,
  mark: Mark,
  settings: FallbackSettings,
  now: number,
): ReturnPlan {
  if (gone) return done(mark, now);
  if (inGroup) return does({ kind: "detach", instanceId, reason: `a Spot Instance is to replace ${instanceId}` });
  // Once begun, it goes on whatever the group misses by then.
  if (containerInstanceArn !== undefined && !draining) {
    if (weigh(state, settings).missing > 0)
      return waits(`${instanceId} serves on: the group has no instance in its place`);
    if (!areAllJoined(state.members)) return waits(`${instanceId} serves on until its replacement has joined`);
    return does({ kind: "drain", instanceId, containerInstanceArn, reason: "its replacement has joined" });
  }
  if (!empty) return waits(`${instanceId} is being drained`);
  return does({ kind: "terminate", instanceId, reason: "all its tasks have stopped" });
}

function done(mark: Mark, now: number): ReturnPlan {
  const { failed } = mark;
  const next: Mark = {
    ...mark,
    detached: undefined,
    failed: false,
    ...(failed ? {} : { waitMinutes: FIRST_WAIT_MINUTES, until: now }),
  };
  const reason = failed ? "an On-Demand Instance took its place" : "a Spot Instance took its place";
  return { actions: [{ kind: "mark", mark: next, reason }], returned: failed ? 0 : 1, waitsFor: undefined };
}

const areAllJoined = (members: readonly Standing[]): boolean =>
  members.every(({ inService, joined }) => inService && joined);

/** Among equals the first by its id, so that two looks at once choose the same. */
function fewestTasks(members: readonly Standing[]): Standing | undefined {
  const inOrder = [...members].sort((a, b) => a.tasks - b.tasks || (a.instanceId < b.instanceId ? -1 : 1));
  return inOrder[0];
}
