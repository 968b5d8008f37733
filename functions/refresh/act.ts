/** Carries out what was planned, one action after the other. Each is idempotent: "already so" and "already gone" are success. */
import type { AutoScaling } from "@aws-sdk/client-auto-scaling";
import type { EC2 } from "@aws-sdk/client-ec2";
import { isNamed, retrying, type CallOptions, type Surroundings } from "../calls";
import { REFUSED_IMAGE_TAG } from "../tags";
import type { Action } from "./plan";
import type { RefreshSettings } from "./settings";

export interface ActPorts {
  readonly autoScaling: Pick<AutoScaling, "startInstanceRefresh" | "cancelInstanceRefresh" | "createOrUpdateTags">;
  readonly ec2: Pick<EC2, "createLaunchTemplateVersion" | "deleteLaunchTemplateVersions" | "modifyLaunchTemplate">;
}

export interface Acting {
  readonly ports: ActPorts & Surroundings;
  readonly settings: RefreshSettings;
  /** No call is tried again after this moment, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** An action that was not carried out, and why. */
export interface Failure {
  readonly action: Action;
  readonly error: unknown;
}

/** One that fails doesn't hold up the others: each was planned for the state as it is without them. */
export async function act(actions: readonly Action[], acting: Acting): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const action of actions) {
    try {
      await retrying((options) => carryOut(action, acting, options), acting.deadline, acting.ports);
    } catch (error) {
      if (!isAlreadySo(action, error)) failures.push({ action, error });
    }
  }
  return failures;
}

function carryOut(action: Action, acting: Acting, options: CallOptions): Promise<unknown> {
  const { ports, settings } = acting;
  const { launchTemplateId: LaunchTemplateId } = settings;
  switch (action.kind) {
    case "makeVersion":
      return makeVersion(action, acting, options);
    case "start":
      return start(action, acting, options);
    case "cancel":
      return ports.autoScaling.cancelInstanceRefresh({ AutoScalingGroupName: action.groupName }, options);
    case "refuse":
      return refuse(action, acting, options);
    case "setDefault":
      return ports.ec2.modifyLaunchTemplate({ LaunchTemplateId, DefaultVersion: String(action.version) }, options);
    case "prune":
      return ports.ec2.deleteLaunchTemplateVersions(
        { LaunchTemplateId, Versions: action.versions.map(String) },
        options,
      );
    default:
      return action satisfies never;
  }
}

type Of<K extends Action["kind"]> = Extract<Action, { kind: K }>;

function makeVersion(
  { sourceVersion, imageId, description, after }: Of<"makeVersion">,
  { ports, settings }: Acting,
  options: CallOptions,
): Promise<unknown> {
  const request = {
    LaunchTemplateId: settings.launchTemplateId,
    SourceVersion: String(sourceVersion),
    VersionDescription: description,
    LaunchTemplateData: { ImageId: imageId },
    ClientToken: `${settings.launchTemplateId}-${sourceVersion}-${after}`,
  };
  return ports.ec2.createLaunchTemplateVersion(request, options);
}

/** Its shares of Spot and on demand aren't named, so that they stay what they are when it ends. */
function start(
  { group, version, autoRollback }: Of<"start">,
  { ports, settings }: Acting,
  options: CallOptions,
): Promise<unknown> {
  const { launchTemplateId: LaunchTemplateId, checkpointPercents, alarmNames } = settings;
  const LaunchTemplateSpecification = { LaunchTemplateId, Version: String(version) };
  const LaunchTemplate = { LaunchTemplateSpecification, Overrides: [...group.overrides] };
  const Preferences = {
    MinHealthyPercentage: 100,
    MaxHealthyPercentage: settings.maxHealthyPercent,
    InstanceWarmup: settings.instanceWarmupSeconds,
    // Protected ones too: managed draining empties them, however long their tasks are protected.
    ScaleInProtectedInstances: "Refresh",
    SkipMatching: true,
    AutoRollback: autoRollback,
    ...(checkpointPercents.length > 0 && {
      CheckpointPercentages: [...checkpointPercents],
      CheckpointDelay: settings.checkpointDelaySeconds,
    }),
    ...(alarmNames.length > 0 && { AlarmSpecification: { Alarms: [...alarmNames] } }),
  } as const;
  const DesiredConfiguration = { MixedInstancesPolicy: { LaunchTemplate } };
  const request = { AutoScalingGroupName: group.name, Strategy: "Rolling", DesiredConfiguration, Preferences } as const;
  return ports.autoScaling.startInstanceRefresh(request, options);
}

function refuse({ groupName, imageId }: Of<"refuse">, { ports }: Acting, options: CallOptions): Promise<unknown> {
  const tag = { ResourceId: groupName, ResourceType: "auto-scaling-group", Key: REFUSED_IMAGE_TAG };
  return ports.autoScaling.createOrUpdateTags(
    { Tags: [{ ...tag, Value: imageId, PropagateAtLaunch: false }] },
    options,
  );
}

/** Whether AWS refuses an action because there is nothing left to do. */
function isAlreadySo({ kind }: Action, error: unknown): boolean {
  switch (kind) {
    case "start":
      // Somebody was quicker; only one can run.
      return isNamed(error, "InstanceRefreshInProgress", "InstanceRefreshInProgressFault");
    case "cancel":
      return isNamed(error, "ActiveInstanceRefreshNotFound", "ActiveInstanceRefreshNotFoundFault");
    case "makeVersion":
    case "refuse":
    case "setDefault":
    case "prune":
      return false;
    default:
      return kind satisfies never;
  }
}
