/** EC2 Auto Scaling's operations on instance refreshes. */
import type * as sdk from "@aws-sdk/client-auto-scaling";
import type { Group } from "../../world/autoScaling/group";
import type { InstanceRefresh, RefreshPreferences } from "../../world/autoScaling/instanceRefresh";
import { AUTO_SCALING, EPOCH_MS } from "../../world/constants";
import type { World } from "../../world/world";
import { anywhere, ApiError, paged, type Operation } from "../operation";
import { groupAsResource, groupOf } from "./groups";

const PAGE = { byDefault: 50, most: 100 };
/** BOTO RefreshPreferences. */
const DEFAULTS = { minHealthy: 90, maxHealthy: 100 };

const start: Operation<sdk.StartInstanceRefreshCommandInput> = {
  requires: ["AutoScalingGroupName"],
  limits: ({ Preferences = {} }) => preferencesProblem(Preferences),
  kind: "modify",
  request: (input, world) => onGroup("StartInstanceRefresh", input.AutoScalingGroupName, world),
  run: (input, world) => {
    const group = groupOf(input.AutoScalingGroupName, world);
    if (group.refreshes.active !== undefined)
      throw new ApiError("InstanceRefreshInProgress", "An Instance Refresh is already in progress");
    const version = versionOf(input.DesiredConfiguration, group);
    const preferences = preferencesOf(input.Preferences ?? {}, group);
    if (preferences.autoRollback && !canGoBack(group, version))
      throw new ApiError("ValidationError", "AutoRollback needs a desired configuration and a version with an AMI id");
    const isAlarming = (name: string): boolean => world.alarms.byName.get(name)?.state === "ALARM";
    return { InstanceRefreshId: group.refreshes.start(version, preferences, isAlarming).id };
  },
};

const onGroup = (action: string, name: string | undefined, world: World) => ({
  action: `autoscaling:${action}`,
  resources: [groupAsResource(groupOf(name, world))],
});

function preferencesProblem(given: sdk.RefreshPreferences): string | undefined {
  const { MinHealthyPercentage: min = DEFAULTS.minHealthy, MaxHealthyPercentage: max = DEFAULTS.maxHealthy } = given;
  if (min < 0 || min > 100) return `MinHealthyPercentage ${min}: 0 to 100`;
  if (max < 100 || max > 200) return `MaxHealthyPercentage ${max}: 100 to 200`;
  return max - min > 100 ? `MaxHealthyPercentage ${max} - MinHealthyPercentage ${min}: at most 100` : undefined;
}

function versionOf(desired: sdk.DesiredConfiguration | undefined, { spec }: Group): number | undefined {
  const mixed = desired?.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
  const version = (mixed ?? desired?.LaunchTemplate)?.Version;
  if (version === undefined) return undefined;
  if (spec.source?.template.versions.has(Number(version)) === true) return Number(version);
  throw new ApiError("ValidationError", `The launch template has no version ${version}`);
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RollbackInstanceRefresh.html */
function canGoBack({ spec }: Group, version: number | undefined): boolean {
  const own = spec.source?.template.versions.get(spec.source.version);
  return version !== undefined && own?.imageId.startsWith("ami-") === true;
}

const preferencesOf = (given: sdk.RefreshPreferences, { spec }: Group): RefreshPreferences => ({
  ...sizesOf(given),
  instanceWarmupMs: (given.InstanceWarmup ?? 0) * 1000,
  scaleInProtectedInstances: given.ScaleInProtectedInstances ?? "Wait",
  skipMatching: spec.source !== undefined && (given.SkipMatching ?? false),
  autoRollback: given.AutoRollback ?? false,
  checkpointPercentages: given.CheckpointPercentages ?? [],
  checkpointDelayMs:
    given.CheckpointDelay === undefined ? AUTO_SCALING.checkpointDelayMs : given.CheckpointDelay * 1000,
  alarms: given.AlarmSpecification?.Alarms ?? [],
});

const sizesOf = (given: sdk.RefreshPreferences) => ({
  minHealthyPercentage: given.MinHealthyPercentage ?? DEFAULTS.minHealthy,
  maxHealthyPercentage: given.MaxHealthyPercentage ?? DEFAULTS.maxHealthy,
});

const describe: Operation<sdk.DescribeInstanceRefreshesCommandInput> = {
  requires: ["AutoScalingGroupName"],
  kind: "read",
  request: () => ({ action: "autoscaling:DescribeInstanceRefreshes", resources: anywhere }),
  run: (input, world, asOf) => {
    const group = groupOf(input.AutoScalingGroupName, world);
    const all = group.refreshes.all
      .filter(({ id, startedAt }) => startedAt <= asOf && (input.InstanceRefreshIds?.includes(id) ?? true))
      .reverse();
    const { items, next } = paged(all, input.NextToken, input.MaxRecords, PAGE);
    return { InstanceRefreshes: items.map((each) => describeOne(each, group)), NextToken: next };
  },
};

function describeOne(refresh: InstanceRefresh, group: Group): sdk.InstanceRefresh {
  const { id, status, reason, startedAt, endedAt, desiredVersion } = refresh;
  const LaunchTemplateSpecification = {
    LaunchTemplateId: group.spec.source?.template.id,
    Version: String(desiredVersion),
  };
  return {
    InstanceRefreshId: id,
    AutoScalingGroupName: group.spec.name,
    Status: status,
    StatusReason: reason === "" ? undefined : reason,
    StartTime: new Date(EPOCH_MS + startedAt),
    EndTime: endedAt === undefined ? undefined : new Date(EPOCH_MS + endedAt),
    PercentageComplete: group.refreshes.percentageOf(refresh),
    InstancesToUpdate: group.refreshes.leftOf(refresh),
    DesiredConfiguration:
      desiredVersion === undefined
        ? undefined
        : { MixedInstancesPolicy: { LaunchTemplate: { LaunchTemplateSpecification } } },
  };
}

function activeOf(name: string | undefined, world: World): { group: Group; refresh: InstanceRefresh } {
  const group = groupOf(name, world);
  const refresh = group.refreshes.active;
  if (refresh === undefined)
    throw new ApiError("ActiveInstanceRefreshNotFound", "No in progress or pending Instance Refresh found");
  return { group, refresh };
}

const cancel: Operation<sdk.CancelInstanceRefreshCommandInput> = {
  requires: ["AutoScalingGroupName"],
  kind: "modify",
  request: (input, world) => onGroup("CancelInstanceRefresh", input.AutoScalingGroupName, world),
  run: (input, world) => {
    const { group, refresh } = activeOf(input.AutoScalingGroupName, world);
    group.refreshes.cancel(refresh, "Cancelled due to user request.");
    return { InstanceRefreshId: refresh.id };
  },
};

const rollBack: Operation<sdk.RollbackInstanceRefreshCommandInput> = {
  requires: ["AutoScalingGroupName"],
  kind: "modify",
  request: (input, world) => onGroup("RollbackInstanceRefresh", input.AutoScalingGroupName, world),
  run: (input, world) => {
    const { group, refresh } = activeOf(input.AutoScalingGroupName, world);
    if (!canGoBack(group, refresh.desiredVersion))
      throw new ApiError("IrreversibleInstanceRefresh", "The instance refresh can't be rolled back");
    if (refresh.status === "InProgress") group.refreshes.rollBack(refresh, "Rolled back due to user request.");
    return { InstanceRefreshId: refresh.id };
  },
};

export const instanceRefresh: Readonly<Record<string, Operation>> = {
  StartInstanceRefresh: start,
  DescribeInstanceRefreshes: describe,
  CancelInstanceRefresh: cancel,
  RollbackInstanceRefresh: rollBack,
};
