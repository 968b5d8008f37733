/** What a plan is made from: the cluster's launch template, its groups and who else is at work, read from AWS. */
import { isUnderWay } from "../goesOn";
import type { WaitsFor } from "../precedence";

export interface TemplateVersion {
  readonly version: number;
  /** As the version has it: an AMI's id, or `resolve:ssm:` and a parameter. */
  readonly imageId: string;
  readonly isDefault: boolean;
  /** Says what the function made a version for; another's is the program's. */
  readonly description: string;
}

export interface RefreshRecord {
  readonly instanceRefreshId: string;
  /** Pending, InProgress, Baking, Successful, Failed, Cancelling, Cancelled, RollbackInProgress, RollbackSuccessful or RollbackFailed. */
  readonly status: string;
  /** Milliseconds since the epoch; undefined while it is pending. */
  readonly startedAt: number | undefined;
  /** The template's version that it brings; undefined where it brings the group's own. */
  readonly version: number | undefined;
}

export interface GroupState {
  readonly name: string;
  /** The template's version that it launches from. */
  readonly version: number;
  /** The instance types or requirements that it launches, as the API has them. */
  readonly overrides: readonly object[];
  /** Instances that are in service or about to be. */
  readonly members: readonly { readonly imageId: string; readonly version: number | undefined }[];
  /** The latest first. */
  readonly refreshes: readonly RefreshRecord[];
  /** The AMI that the group went back from. */
  readonly refusedImageId: string | undefined;
}

export interface RefreshState {
  readonly versions: readonly TemplateVersion[];
  /** The AMI that the program's version stands for now. */
  readonly imageId: string;
  readonly groups: readonly GroupState[];
  /** What goes on in the cluster that a refresh waits for; undefined where none can begin. */
  readonly goesOn: WaitsFor<"refresh"> | undefined;
}

export const isActive = ({ status }: RefreshRecord): boolean => isUnderWay({ Status: status });

/** What the function's versions are known by. `<mark><AMI> from <program's version>` is one that a refresh brings. */
const MARK = "spotproof: ";
export const descriptionOf = (imageId: string, program: number): string => `${MARK}${imageId} from ${program}`;
export const descriptionOfCopy = (program: number): string => `${MARK}copy of ${program}`;

export const isMadeHere = ({ description }: TemplateVersion): boolean => description.startsWith(MARK);

/** The newest that the program made. @throws Error where there is none */
export function programVersion({ versions }: Pick<RefreshState, "versions">): TemplateVersion {
  const made = versions.filter((each) => !isMadeHere(each));
  const newest = made.reduce<TemplateVersion | undefined>(
    (best, each) => (best === undefined || each.version > best.version ? each : best),
    undefined,
  );
  if (newest === undefined) throw new Error("the launch template has no version that the program made: deploy again");
  return newest;
}

/** Whether it names an AMI, and not a parameter that may change. */
export const isPinned = ({ imageId }: Pick<TemplateVersion, "imageId">): boolean => imageId.startsWith("ami-");

/** How many of a group's instances run another AMI than the current one. */
export const outdatedIn = ({ members }: GroupState, imageId: string): number =>
  members.filter((member) => member.imageId !== imageId).length;
