/** States of a cluster's template and groups, to plan from. */
import type { RefreshSettings } from "../../../functions/refresh/settings";
import type { GroupState, RefreshRecord, RefreshState, TemplateVersion } from "../../../functions/refresh/state";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** A Thursday, an hour into the window. */
export const NOW = Date.UTC(2026, 0, 1, 3);
export const WINDOW_START = NOW - HOUR;

export const OLD = "ami-00000000000000001";
export const NEW = "ami-00000000000000002";
export const PARAMETER = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id";

export const SETTINGS: RefreshSettings = {
  clusterArn: "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
  autoScalingGroupNames: ["shop-group"],
  launchTemplateId: "lt-0123456789abcdef0",
  refresh: "auto",
  window: { days: [0, 1, 2, 3, 4, 5, 6], startMinute: 120, lengthMinutes: 240, timeZone: "UTC" },
  mostMinutes: 180,
  maxHealthyPercent: 200,
  checkpointPercents: [],
  checkpointDelaySeconds: 600,
  instanceWarmupSeconds: 180,
  alarmNames: [],
};

export const QUIET = {
  draining: false,
  deployment: false,
  shortage: false,
  rebalance: false,
  refresh: false,
  fallback: false,
  returnToSpot: false,
};

/** What the program made first. */
export const PROGRAM: TemplateVersion = { version: 1, imageId: PARAMETER, isDefault: true, description: "" };
/** A version that a refresh brings, and the one on top of it. */
export const BROUGHT: TemplateVersion = {
  version: 2,
  imageId: NEW,
  isDefault: false,
  description: `spotproof: ${NEW} from 1`,
};
export const COPY: TemplateVersion = {
  version: 3,
  imageId: PARAMETER,
  isDefault: false,
  description: "spotproof: copy of 1",
};

export const members = (count: number, imageId = OLD, version = 1): GroupState["members"] =>
  Array.from({ length: count }, () => ({ imageId, version }));

export const record = (over: Partial<RefreshRecord> = {}): RefreshRecord => ({
  instanceRefreshId: "r-1",
  status: "InProgress",
  startedAt: NOW - 10 * MINUTE,
  version: 2,
  ...over,
});

export const group = (over: Partial<GroupState> = {}): GroupState => ({
  name: "shop-group",
  version: 1,
  overrides: [{ InstanceType: "m5.large" }],
  members: members(2),
  refreshes: [],
  refusedImageId: undefined,
  ...over,
});

/** Two instances with an AMI that isn't the current one any more, and nothing else going on. */
export const state = (over: Partial<RefreshState> = {}): RefreshState => ({
  versions: [COPY, BROUGHT, PROGRAM],
  imageId: NEW,
  groups: [group()],
  goesOn: QUIET,
  ...over,
});
