/** Reads the state that a plan is made from. What it takes to say whether a refresh may begin is read only where one could. */
import type {
  AutoScaling,
  AutoScalingGroup,
  InstanceRefresh,
  MixedInstancesPolicy,
} from "@aws-sdk/client-auto-scaling";
import type { EC2, LaunchTemplateVersion } from "@aws-sdk/client-ec2";
import type { ECS } from "@aws-sdk/client-ecs";
import { batches, pages, retrying, type CallOptions, type Surroundings } from "../calls";
import { describeContainerInstances, listContainerInstances, readServices } from "../cluster";
import { areTasksMoving, isDeploying, isDraining, isReturning, isShort, isStoodInFor } from "../goesOn";
import type { WaitsFor } from "../precedence";
import { REFUSED_IMAGE_TAG } from "../tags";
import type { RefreshSettings } from "./settings";
import { openSince } from "./window";
import {
  isActive,
  programVersion,
  type GroupState,
  type RefreshRecord,
  type RefreshState,
  type TemplateVersion,
} from "./state";

export interface ReadPorts {
  readonly autoScaling: Pick<AutoScaling, "describeAutoScalingGroups" | "describeInstanceRefreshes">;
  readonly ec2: Pick<EC2, "describeLaunchTemplateVersions" | "describeInstances">;
  readonly ecs: Pick<
    ECS,
    "listContainerInstances" | "describeContainerInstances" | "listServices" | "describeServices"
  >;
}

/** Everything a read needs: who to ask, for which cluster, until when (milliseconds since the epoch). */
export interface Reading {
  readonly ports: ReadPorts & Surroundings;
  readonly settings: RefreshSettings;
  readonly deadline: number;
}

/** As many as tell of this window and the one before. */
const REFRESHES_READ = 10;
const DESCRIBE_INSTANCES_LIMIT = 100;

export async function readState(reading: Reading): Promise<RefreshState> {
  const [groups, versions] = await Promise.all([readGroups(reading), readVersions(reading)]);
  const program = programVersion({ versions });
  const [imageId, images, refreshes, goesOn] = await Promise.all([
    resolveImage(program, reading),
    readImages(groups.flatMap(idsOf), reading),
    Promise.all(groups.map((group) => readRefreshes(group, reading))),
    mayBegin(reading) ? readActivities(groups, reading) : undefined,
  ]);
  const states = groups.map((group, index) => groupState(group, images, refreshes[index] ?? []));
  const isRefreshing = states.some((group) => group.refreshes.some(isActive));
  return { versions, imageId, groups: states, goesOn: goesOn && { ...goesOn, refresh: isRefreshing } };
}

const mayBegin = ({ settings, ports }: Reading): boolean =>
  settings.refresh === "auto" && openSince(settings.window, ports.now()) !== undefined;

const call = <T>({ deadline, ports }: Reading, send: (options: CallOptions) => Promise<T>): Promise<T> =>
  retrying(send, deadline, ports);

async function readGroups(reading: Reading): Promise<AutoScalingGroup[]> {
  const AutoScalingGroupNames = [...reading.settings.autoScalingGroupNames];
  const { AutoScalingGroups = [] } = await call(reading, (options) =>
    reading.ports.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames }, options),
  );
  // In the order of the settings, so that the same state gives the same plan.
  return AutoScalingGroupNames.flatMap((name) =>
    AutoScalingGroups.filter((each) => each.AutoScalingGroupName === name),
  );
}

async function readVersions(reading: Reading): Promise<TemplateVersion[]> {
  const { launchTemplateId: LaunchTemplateId } = reading.settings;
  const all = await pages(async (NextToken) => {
    const answer = await call(reading, (options) =>
      reading.ports.ec2.describeLaunchTemplateVersions({ LaunchTemplateId, NextToken }, options),
    );
    return { items: answer.LaunchTemplateVersions, nextToken: answer.NextToken };
  });
  return all.map((each: LaunchTemplateVersion) => ({
    version: each.VersionNumber ?? 0,
    imageId: each.LaunchTemplateData?.ImageId ?? "",
    isDefault: each.DefaultVersion ?? false,
    description: each.VersionDescription ?? "",
  }));
}

/** EC2 looks the parameter up, as it does at a launch. */
async function resolveImage({ version }: TemplateVersion, reading: Reading): Promise<string> {
  const { launchTemplateId: LaunchTemplateId } = reading.settings;
  const request = { LaunchTemplateId, Versions: [String(version)], ResolveAlias: true };
  const { LaunchTemplateVersions } = await call(reading, (options) =>
    reading.ports.ec2.describeLaunchTemplateVersions(request, options),
  );
  const imageId = LaunchTemplateVersions?.[0]?.LaunchTemplateData?.ImageId;
  if (!imageId?.startsWith("ami-")) throw new Error(`no AMI for version ${version}: ${imageId}`);
  return imageId;
}

const STAYING = /^(Pending|InService)/;

const idsOf = ({ Instances = [] }: AutoScalingGroup): string[] =>
  Instances.filter(({ LifecycleState }) => STAYING.test(LifecycleState ?? "")).flatMap(
    ({ InstanceId }) => InstanceId ?? [],
  );

/** By instance. By filter and not by id, since one id that is gone fails the whole call. */
async function readImages(ids: readonly string[], reading: Reading): Promise<Map<string, string>> {
  const answers = await Promise.all(
    batches(ids, DESCRIBE_INSTANCES_LIMIT).map((Values) =>
      pages(async (NextToken) => {
        const Filters = [{ Name: "instance-id", Values }];
        const answer = await call(reading, (options) =>
          reading.ports.ec2.describeInstances({ Filters, NextToken }, options),
        );
        return { items: answer.Reservations, nextToken: answer.NextToken };
      }),
    ),
  );
  const instances = answers.flat().flatMap(({ Instances = [] }) => Instances);
  return new Map(instances.map(({ InstanceId = "", ImageId = "" }) => [InstanceId, ImageId]));
}

async function readRefreshes({ AutoScalingGroupName }: AutoScalingGroup, reading: Reading): Promise<RefreshRecord[]> {
  const request = { AutoScalingGroupName, MaxRecords: REFRESHES_READ };
  const { InstanceRefreshes = [] } = await call(reading, (options) =>
    reading.ports.autoScaling.describeInstanceRefreshes(request, options),
  );
  return InstanceRefreshes.map((each: InstanceRefresh) => ({
    instanceRefreshId: each.InstanceRefreshId ?? "",
    status: each.Status ?? "",
    startedAt: each.StartTime && new Date(each.StartTime).getTime(),
    version: versionOf(each.DesiredConfiguration?.MixedInstancesPolicy),
  }));
}

const versionOf = (policy: MixedInstancesPolicy | undefined): number | undefined =>
  number(policy?.LaunchTemplate?.LaunchTemplateSpecification?.Version);

const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

function groupState(
  group: AutoScalingGroup,
  images: ReadonlyMap<string, string>,
  refreshes: readonly RefreshRecord[],
): GroupState {
  const { Instances = [], Tags = [], MixedInstancesPolicy: policy } = group;
  // One that EC2 doesn't know any more is gone.
  const members = Instances.flatMap(({ InstanceId, LaunchTemplate }) => {
    const imageId = images.get(InstanceId ?? "");
    return imageId === undefined ? [] : [{ imageId, version: number(LaunchTemplate?.Version) }];
  });
  return {
    name: group.AutoScalingGroupName ?? "",
    version: versionOf(policy) ?? 0,
    overrides: policy?.LaunchTemplate?.Overrides ?? [],
    members,
    refreshes,
    refusedImageId: Tags.find(({ Key }) => Key === REFUSED_IMAGE_TAG)?.Value,
  };
}

/** What else goes on; the groups' own tags say whether tasks move or on-demand capacity stands in. */
async function readActivities(
  groups: readonly AutoScalingGroup[],
  reading: Reading,
): Promise<Omit<WaitsFor<"refresh">, "refresh">> {
  const tags = groups.flatMap(({ Tags = [] }) => Tags);
  const [instances, services] = await Promise.all([
    listContainerInstances(reading, { status: "DRAINING" }).then((arns) => describeContainerInstances(reading, arns)),
    readServices(reading),
  ]);
  return {
    draining: instances.some(isDraining),
    deployment: services.some(isDeploying),
    shortage: services.some(isShort),
    rebalance: areTasksMoving(tags),
    fallback: isStoodInFor(tags),
    returnToSpot: isReturning(tags),
  };
}
