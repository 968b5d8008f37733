/** What to do, from the state alone: the same state gives the same actions, whichever event was the reason to look. */
import { reasonToLeaveTurn } from "../precedence";
import type { RefreshSettings } from "./settings";
import {
  descriptionOf,
  descriptionOfCopy,
  isActive,
  isMadeHere,
  isPinned,
  outdatedIn,
  programVersion,
  type GroupState,
  type RefreshRecord,
  type RefreshState,
  type TemplateVersion,
} from "./state";
import { openSince } from "./window";

export type Action =
  /** A version of the template from the program's, with one AMI instead of a parameter. */
  | {
      readonly kind: "makeVersion";
      readonly sourceVersion: number;
      readonly imageId: string;
      readonly description: string;
      /** The newest version there was: a second attempt, made before the first one shows, is the same version. */
      readonly after: number;
    }
  | { readonly kind: "start"; readonly group: GroupState; readonly version: number; readonly autoRollback: boolean }
  | {
      readonly kind: "cancel";
      readonly groupName: string;
      readonly instanceRefreshId: string;
      readonly minutes: number;
    }
  /** Remembers that the group went back from an AMI. */
  | { readonly kind: "refuse"; readonly groupName: string; readonly imageId: string }
  | { readonly kind: "setDefault"; readonly version: number }
  | { readonly kind: "prune"; readonly versions: readonly number[] };

export interface Plan {
  readonly actions: readonly Action[];
  /** Why nothing begins although instances run an older AMI. */
  readonly waitsBecause?: string;
}

/** These stay in any case, for whoever wants to look or to go back. */
export const KEPT_VERSIONS = 5;

const MINUTE_MS = 60_000;

/** @param now milliseconds since the epoch */
export function plan(state: RefreshState, settings: RefreshSettings, now: number): Plan {
  if (settings.refresh === "notify") return { actions: [] };
  const active = state.groups.flatMap((group) => group.refreshes.filter(isActive).map((each) => ({ group, each })));
  if (active.length > 0) {
    return { actions: active.flatMap(({ group, each }) => planCancel(group, each, settings, now)) };
  }
  const tidying = [...planRefusals(state), ...planTop(state), ...planDefault(state), ...planPruning(state)];
  const { actions, waitsBecause } = planBeginning(state, settings, now);
  return { actions: [...tidying, ...actions], waitsBecause };
}

/** One that AWS is rolling back, or is cancelling already, goes on: the group shouldn't be left between two versions. */
function planCancel(
  { name }: GroupState,
  { status, startedAt, instanceRefreshId }: RefreshRecord,
  { mostMinutes }: RefreshSettings,
  now: number,
): Action[] {
  const minutes = Math.floor((now - (startedAt ?? now)) / MINUTE_MS);
  if (minutes < mostMinutes || status === "Cancelling" || status === "RollbackInProgress") return [];
  return [{ kind: "cancel", groupName: name, instanceRefreshId, minutes }];
}

/** A group that went back from the current AMI doesn't get it again, until there is another or somebody takes the tag off. */
function planRefusals({ groups, versions, imageId }: RefreshState): Action[] {
  return groups.flatMap((group): Action[] => {
    const [last] = group.refreshes;
    if (!last?.status.startsWith("Rollback")) return [];
    const brought = versions.find(({ version }) => version === last.version)?.imageId;
    if (brought !== imageId || group.refusedImageId === imageId) return [];
    return [{ kind: "refuse", groupName: group.name, imageId }];
  });
}

/** Pulumi's provider reads a template by its latest version: that has to be what the program says. */
function planTop(state: RefreshState): Action[] {
  const { version: sourceVersion, imageId } = programVersion(state);
  const latest = latestOf(state);
  if (latest.imageId === imageId) return [];
  const description = descriptionOfCopy(sourceVersion);
  return [{ kind: "makeVersion", sourceVersion, imageId, description, after: latest.version }];
}

const latestOf = (state: RefreshState): TemplateVersion =>
  state.versions.reduce((best, each) => (each.version > best.version ? each : best), programVersion(state));

/**
 * The program's groups launch from the default version: it follows once every group has come to another one. Not back from one that
 * the program has just made, and that its groups are about to come to.
 */
function planDefault({ groups, versions }: RefreshState): Action[] {
  const version = groups[0]?.version ?? 0;
  const byDefault = versions.find(({ isDefault }) => isDefault);
  const isCommon =
    versions.some((each) => each.version === version) && groups.every((each) => each.version === version);
  if (!isCommon || byDefault === undefined || byDefault.version === version) return [];
  return version > byDefault.version || isMadeHere(byDefault) ? [{ kind: "setDefault", version }] : [];
}

function planPruning(state: RefreshState): Action[] {
  const newest = state.versions.map(({ version }) => version).sort((a, b) => b - a);
  const kept = new Set<number | undefined>([
    ...newest.slice(0, KEPT_VERSIONS),
    programVersion(state).version,
    ...state.versions.filter(({ isDefault }) => isDefault).map(({ version }) => version),
    ...state.groups.flatMap(({ version, members }) => [version, ...members.map((member) => member.version)]),
  ]);
  const versions = newest.filter((version) => !kept.has(version));
  return versions.length > 0 ? [{ kind: "prune", versions }] : [];
}

/** One group after the other. */
function planBeginning(state: RefreshState, settings: RefreshSettings, now: number): Plan {
  const behind = state.groups.filter((group) => isBehind(group, state));
  if (behind.length === 0) return { actions: [] };
  const wait = (waitsBecause: string): Plan => ({ actions: [], waitsBecause });
  const since = openSince(settings.window, now);
  if (since === undefined || state.goesOn === undefined) return wait("no maintenance window is open");
  const reason = reasonToLeaveTurn("refresh", state.goesOn);
  if (reason !== undefined) return wait(reason);
  const accepting = behind.filter((group) => group.refusedImageId !== state.imageId);
  if (accepting.length === 0) return wait(`the group went back from ${state.imageId}`);
  const next = accepting.find((group) => !hasTriedSince(group, since));
  return next === undefined ? wait("the refresh of this window is over") : { actions: [planStart(next, state)] };
}

/** Whether instances run another AMI, or new ones would. */
function isBehind(group: GroupState, { versions, imageId }: RefreshState): boolean {
  const own = versions.find(({ version }) => version === group.version);
  return outdatedIn(group, imageId) > 0 || (own !== undefined && isPinned(own) && own.imageId !== imageId);
}

/** At most one refresh in a window: one that failed or was cancelled would do so again. */
const hasTriedSince = ({ refreshes }: GroupState, since: number): boolean =>
  refreshes.some(({ startedAt }) => startedAt === undefined || startedAt >= since);

/** From the program's version where that names the AMI; else from one that does, which is made first. */
function planStart(group: GroupState, state: RefreshState): Action {
  const { versions, imageId } = state;
  const program = programVersion(state);
  const description = descriptionOf(imageId, program.version);
  const target = isPinned(program) ? program : versions.find((each) => each.description === description);
  if (target === undefined) {
    const { version: after } = latestOf(state);
    return { kind: "makeVersion", sourceVersion: program.version, imageId, description, after };
  }
  const own = versions.find(({ version }) => version === group.version);
  return { kind: "start", group, version: target.version, autoRollback: canGoBack(own, target) };
}

/** AWS goes back to a version only if that names an AMI, and it is another one.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RollbackInstanceRefresh.html */
const canGoBack = (own: TemplateVersion | undefined, { version }: TemplateVersion): boolean =>
  own !== undefined && own.version !== version && isPinned(own);
