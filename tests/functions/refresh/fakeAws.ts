/** A small AWS in memory for the refresh function: one template, one group, one service; it records every call. */
import type { RefreshPorts } from "../../../functions/refresh/handler";
import type { LogRecord } from "../../../functions/log";
import { NEW, NOW, OLD, PARAMETER, SETTINGS } from "./states";

export interface Call {
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
}

interface FakeVersion {
  readonly VersionNumber: number;
  readonly VersionDescription?: string;
  readonly LaunchTemplateData: { readonly ImageId: string };
}

type Input = Record<string, unknown>;

export function awsError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}

export const idOf = (n: number): string => `i-${n.toString(16).padStart(8, "0")}`;

export class FakeAws {
  now = NOW;
  readonly calls: Call[] = [];
  readonly logs: LogRecord[] = [];
  versions: FakeVersion[] = [{ VersionNumber: 1, LaunchTemplateData: { ImageId: PARAMETER } }];
  defaultVersion = 1;
  /** What the parameter stands for. */
  current = NEW;
  groupVersion = 1;
  images = new Map([
    [idOf(1), OLD],
    [idOf(2), OLD],
  ]);
  refreshes: object[] = [];
  tags: object[] = [];
  /** CPU units that tasks still hold on each DRAINING instance. */
  draining: number[] = [];
  service = { runningCount: 2, desiredCount: 2, deployments: [{}] };
  /** Says which call fails, and how. */
  fails: (command: string) => Error | undefined = () => undefined;
  private readonly tokens = new Map<string, FakeVersion>();

  called(command: string): Call["input"][] {
    return this.calls.filter((call) => call.command === command).map(({ input }) => input);
  }

  ports(): RefreshPorts {
    const answers: Readonly<Record<string, (input: Input) => object>> = {
      describeAutoScalingGroups: () => ({ AutoScalingGroups: [this.group()] }),
      describeInstanceRefreshes: () => ({ InstanceRefreshes: this.refreshes }),
      startInstanceRefresh: (input) => this.start(input),
      cancelInstanceRefresh: () => ({}),
      createOrUpdateTags: () => ({}),
      describeLaunchTemplateVersions: (input) => this.describeVersions(input),
      describeInstances: () => ({ Reservations: [{ Instances: this.instances() }] }),
      createLaunchTemplateVersion: (input) => this.createVersion(input),
      deleteLaunchTemplateVersions: () => ({}),
      modifyLaunchTemplate: () => ({}),
      listContainerInstances: ({ status }) => ({
        containerInstanceArns: status === "DRAINING" ? this.draining.map((_, index) => `draining/${index}`) : [],
      }),
      describeContainerInstances: () => ({
        containerInstances: this.draining.map((held) => ({
          status: "DRAINING",
          registeredResources: [{ name: "CPU", integerValue: 2048 }],
          remainingResources: [{ name: "CPU", integerValue: 2048 - held }],
        })),
      }),
      listServices: () => ({ serviceArns: ["web"] }),
      describeServices: () => ({ services: [this.service] }),
    };
    const client = new Proxy({}, { get: (_, command: string) => this.answering(command, answers[command]!) });
    return {
      autoScaling: client,
      ec2: client,
      ecs: client,
      now: () => this.now,
      random: () => 0.5,
      sleep: () => Promise.resolve(),
      log: (record: LogRecord) => void this.logs.push(record),
    } as unknown as RefreshPorts;
  }

  private answering(command: string, answer: (input: Input) => object) {
    return (input: Input): Promise<object> => {
      this.calls.push({ command, input });
      const error = this.fails(command);
      return error ? Promise.reject(error) : Promise.resolve(answer(input));
    };
  }

  private group(): object {
    const LaunchTemplateSpecification = {
      LaunchTemplateId: SETTINGS.launchTemplateId,
      Version: String(this.groupVersion),
    };
    return {
      AutoScalingGroupName: "shop-group",
      MixedInstancesPolicy: {
        LaunchTemplate: { LaunchTemplateSpecification, Overrides: [{ InstanceType: "m5.large" }] },
      },
      Instances: [...this.images.keys()].map((InstanceId) => {
        return { InstanceId, LifecycleState: "InService", LaunchTemplate: { Version: "1" } };
      }),
      Tags: this.tags,
    };
  }

  private instances(): object[] {
    return [...this.images].map(([InstanceId, ImageId]) => ({ InstanceId, ImageId }));
  }

  private describeVersions({ Versions, ResolveAlias }: Input): object {
    const wanted = Versions as string[] | undefined;
    const found = this.versions.filter(({ VersionNumber }) => wanted?.includes(String(VersionNumber)) ?? true);
    const LaunchTemplateVersions = found.map((each) => ({
      ...each,
      DefaultVersion: each.VersionNumber === this.defaultVersion,
      LaunchTemplateData: {
        ImageId:
          ResolveAlias === true && each.LaunchTemplateData.ImageId === PARAMETER
            ? this.current
            : each.LaunchTemplateData.ImageId,
      },
    }));
    return { LaunchTemplateVersions };
  }

  private createVersion({ ClientToken, VersionDescription, LaunchTemplateData }: Input): object {
    const token = String(ClientToken);
    const made = this.tokens.get(token) ?? {
      VersionNumber: this.versions.length + 1,
      VersionDescription: VersionDescription as string,
      LaunchTemplateData: LaunchTemplateData as FakeVersion["LaunchTemplateData"],
    };
    if (!this.tokens.has(token)) this.versions.push(made);
    this.tokens.set(token, made);
    return {};
  }

  private start({ DesiredConfiguration }: Input): object {
    if (this.refreshes.some((each) => (each as { Status: string }).Status === "InProgress"))
      throw awsError("InstanceRefreshInProgress");
    const made = {
      InstanceRefreshId: "r-1",
      Status: "InProgress",
      StartTime: new Date(this.now),
      DesiredConfiguration,
    };
    this.refreshes.unshift(made);
    return {};
  }
}

export const sweep = (now: number): string =>
  JSON.stringify({
    "detail-type": "Scheduled Event",
    source: "aws.events",
    time: new Date(now).toISOString(),
    detail: {},
  });

export const refreshEvent = (outcome: string, AutoScalingGroupName = "shop-group"): string =>
  JSON.stringify({
    "detail-type": `EC2 Auto Scaling Instance Refresh ${outcome}`,
    source: "aws.autoscaling",
    time: new Date(NOW).toISOString(),
    detail: { InstanceRefreshId: "r-1", AutoScalingGroupName },
  });

export const batchOf = (...bodies: string[]) => ({
  Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })),
});
