/** A small AWS in memory for the fallback function: a group that launches as its policy says, in a market that a test opens and shuts. */
import type { FallbackPorts } from "../../../functions/fallback/handler";
import { handleFallback } from "../../../functions/fallback/handler";
import { formatMark, parseMark, type Mark } from "../../../functions/fallback/mark";
import { onDemandShare } from "../../../functions/fallback/distribution";
import type { FallbackSettings } from "../../../functions/fallback/settings";
import type { LogRecord } from "../../../functions/log";
import { FALLBACK_TAG } from "../../../functions/tags";

export const NOW = Date.UTC(2026, 0, 1);
export const MINUTE = 60_000;

export const SETTINGS: FallbackSettings = {
  clusterArn: "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
  autoScalingGroupName: "shop-group",
  declaredBase: 1,
  maxInstances: 10,
  maxHours: 24,
};

export const NO_SPOT =
  "Could not launch Spot Instances. InsufficientInstanceCapacity - There is no Spot capacity available that matches your request. Launching EC2 instance failed.";
export const NO_VCPU =
  "Could not launch On-Demand Instances. VcpuLimitExceeded - You have requested more vCPU capacity than your current vCPU limit of 8 allows for the instance bucket that the specified instance type belongs to. Launching EC2 instance failed.";

export interface LivingInstance {
  readonly id: string;
  readonly lifecycle: "spot" | "on-demand";
  inGroup: boolean;
  inService: boolean;
  /** Of its container instance; undefined: it has not joined. */
  status: "ACTIVE" | "DRAINING" | undefined;
  /** Whether its tasks take their time to leave. */
  holds?: boolean;
  tasks: number;
}

type Input = Record<string, unknown>;

export class LivingGroup {
  now = NOW;
  desired: number;
  base: number;
  percentage = 0;
  tag: string | undefined;
  /** Spot Instances that the market has, beside those that run. */
  spotRoom = Number.POSITIVE_INFINITY;
  /** On-Demand Instances that the account's quota leaves. */
  onDemandRoom = Number.POSITIVE_INFINITY;
  readonly instances = new Map<string, LivingInstance>();
  readonly activities: object[] = [];
  readonly calls: { readonly command: string; readonly input: Input }[] = [];
  readonly logs: LogRecord[] = [];
  rebalances = false;
  refreshes = false;
  services = [{ runningCount: 2, desiredCount: 2, deployments: [{ rolloutState: "COMPLETED" }] }];
  fails: (command: string) => Error | undefined = () => undefined;
  private count = 0;

  constructor(
    readonly settings: FallbackSettings = SETTINGS,
    desired = 4,
  ) {
    this.desired = desired;
    this.base = settings.declaredBase;
    this.launch();
    this.boot();
  }

  get members(): LivingInstance[] {
    return [...this.instances.values()].filter(({ inGroup }) => inGroup);
  }

  get mark(): Mark | undefined {
    return this.tag === undefined ? undefined : parseMark(this.tag, this.now);
  }

  /** What takes tasks. */
  get serving(): LivingInstance[] {
    return [...this.instances.values()].filter(({ status }) => status === "ACTIVE");
  }

  of(lifecycle: LivingInstance["lifecycle"]): LivingInstance[] {
    return this.members.filter((each) => each.lifecycle === lifecycle);
  }

  /** EC2 takes Spot Instances back, and has no more. */
  shut(count = Number.POSITIVE_INFINITY): void {
    this.spotRoom = 0;
    for (const { id } of this.of("spot").slice(0, count)) this.instances.delete(id);
  }

  /** The group launches what it misses, until a launch fails. */
  launch(): string | undefined {
    while (this.members.length < this.desired) {
      const share = onDemandShare({ base: this.base, percentageAboveBase: this.percentage }, this.desired);
      const lifecycle = this.of("on-demand").length < share ? "on-demand" : "spot";
      const room = lifecycle === "spot" ? this.spotRoom : this.onDemandRoom;
      if (room <= 0) return this.launchFailed(lifecycle === "spot" ? NO_SPOT : NO_VCPU);
      if (lifecycle === "spot") this.spotRoom--;
      else this.onDemandRoom--;
      const id = `i-${(++this.count).toString(16).padStart(8, "0")}`;
      this.instances.set(id, { id, lifecycle, inGroup: true, inService: false, status: undefined, tasks: 1 });
    }
    return undefined;
  }

  private launchFailed(StatusMessage: string): string {
    const at = new Date(this.now);
    this.activities.unshift({ StatusCode: "Failed", StatusMessage, StartTime: at, EndTime: at });
    return StatusMessage;
  }

  /** What was launched serves; what is being drained is empty. */
  boot(): void {
    for (const each of this.instances.values()) {
      each.inService = true;
      each.status ??= "ACTIVE";
      if (each.status === "DRAINING" && each.holds !== true) each.tasks = 0;
    }
  }

  /** A minute: the group launches, its function hears of it unless the event is lost, and the schedule comes. */
  async minute({ eventLost = false, sweepLost = false } = {}): Promise<void> {
    this.now += MINUTE;
    this.boot();
    const failed = this.launch();
    if (failed !== undefined && !eventLost) await this.look(launchFailed(failed, this.now));
    this.launch();
    if (!sweepLost) await this.look(sweep(this.now));
    this.launch();
  }

  async minutes(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.minute();
  }

  look(...bodies: string[]): Promise<{ batchItemFailures: readonly { itemIdentifier: string }[] }> {
    const Records = bodies.map((body, index) => ({ messageId: `m${index}`, body }));
    return handleFallback({ Records }, this.settings, this.ports(), 25_000);
  }

  called(command: string): Input[] {
    return this.calls.filter((call) => call.command === command).map(({ input }) => input);
  }

  ports(): FallbackPorts {
    const service = (commands: Record<string, (input: Input) => object>): object =>
      Object.fromEntries(
        Object.entries(commands).map(([command, run]) => [
          command,
          (input: Input) => {
            this.calls.push({ command, input });
            const error = this.fails(command);
            return error === undefined ? Promise.resolve(run(input)) : Promise.reject(error);
          },
        ]),
      );
    return {
      autoScaling: service(this.autoScaling()),
      ec2: service(this.ec2()),
      ecs: service(this.ecs()),
      now: () => this.now,
      random: () => 0.5,
      sleep: () => Promise.resolve(),
      log: (record: LogRecord) => this.logs.push(record),
    } as unknown as FallbackPorts;
  }

  private autoScaling(): Record<string, (input: Input) => object> {
    return {
      describeAutoScalingGroups: () => ({ AutoScalingGroups: [this.described()] }),
      describeScalingActivities: () => ({ Activities: this.activities.slice(0, 50) }),
      describeInstanceRefreshes: () => ({ InstanceRefreshes: this.refreshes ? [{ Status: "InProgress" }] : [] }),
      createOrUpdateTags: ({ Tags }) => {
        this.tag = (Tags as { Value: string }[])[0]!.Value;
        return {};
      },
      deleteTags: () => {
        this.tag = undefined;
        return {};
      },
      updateAutoScalingGroup: ({ MixedInstancesPolicy }) => {
        const { InstancesDistribution } = MixedInstancesPolicy as {
          InstancesDistribution: { OnDemandBaseCapacity: number; OnDemandPercentageAboveBaseCapacity?: number };
        };
        this.base = InstancesDistribution.OnDemandBaseCapacity;
        this.percentage = InstancesDistribution.OnDemandPercentageAboveBaseCapacity ?? 100;
        return {};
      },
      detachInstances: ({ InstanceIds }) => {
        for (const id of InstanceIds as string[]) {
          const member = this.instances.get(id);
          if (!member?.inGroup) throw new Error(`The instance ${id} is not part of Auto Scaling group shop-group.`);
          member.inGroup = false;
        }
        return {};
      },
    };
  }

  private described(): object {
    const tags = [
      ...(this.tag === undefined ? [] : [{ Key: FALLBACK_TAG, Value: this.tag }]),
      ...(this.rebalances ? [{ Key: "spotproof:rebalance:web", Value: "4 5 2026-01-01T00:00:00.000Z" }] : []),
    ];
    return {
      DesiredCapacity: this.desired,
      Tags: tags,
      MixedInstancesPolicy: {
        LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateId: "lt-1", Version: "3" } },
        InstancesDistribution: {
          OnDemandBaseCapacity: this.base,
          OnDemandPercentageAboveBaseCapacity: this.percentage,
          OnDemandAllocationStrategy: "lowest-price",
          SpotAllocationStrategy: "price-capacity-optimized",
        },
      },
      Instances: this.members.map(({ id, inService }) => ({
        InstanceId: id,
        LifecycleState: inService ? "InService" : "Pending",
      })),
    };
  }

  private ec2(): Record<string, (input: Input) => object> {
    return {
      describeInstances: ({ Filters }) => {
        const [{ Values }] = Filters as [{ Values: string[] }];
        const found = Values.flatMap((id) => this.instances.get(id) ?? []);
        const Instances = found.map(({ id, lifecycle }) => ({
          InstanceId: id,
          State: { Name: "running" },
          ...(lifecycle === "spot" && { InstanceLifecycle: "spot" }),
        }));
        return { Reservations: [{ Instances }] };
      },
      terminateInstances: ({ InstanceIds }) => {
        for (const id of InstanceIds as string[]) this.instances.delete(id);
        return {};
      },
    };
  }

  private ecs(): Record<string, (input: Input) => object> {
    const room = (value: number) => [{ name: "CPU", integerValue: value }];
    return {
      listContainerInstances: () => ({
        containerInstanceArns: [...this.instances.values()].filter(({ status }) => status).map(({ id }) => id),
      }),
      describeContainerInstances: ({ containerInstances }) => ({
        containerInstances: (containerInstances as string[]).map((id) => {
          const { status, tasks } = this.instances.get(id)!;
          return {
            containerInstanceArn: id,
            ec2InstanceId: id,
            status,
            agentConnected: true,
            runningTasksCount: tasks,
            registeredResources: room(2048),
            remainingResources: room(2048 - tasks),
          };
        }),
      }),
      listServices: () => ({ serviceArns: ["web"] }),
      describeServices: () => ({ services: this.services }),
      updateContainerInstancesState: ({ containerInstances }) => {
        for (const id of containerInstances as string[]) this.instances.get(id)!.status = "DRAINING";
        return { failures: [] };
      },
    };
  }
}

export const sweep = (time: number): string =>
  JSON.stringify({ "detail-type": "Scheduled Event", source: "aws.events", time: new Date(time).toISOString() });

export const launchFailed = (StatusMessage: string, time: number, AutoScalingGroupName = "shop-group"): string =>
  JSON.stringify({
    "detail-type": "EC2 Instance Launch Unsuccessful",
    source: "aws.autoscaling",
    time: new Date(time).toISOString(),
    detail: { AutoScalingGroupName, EC2InstanceId: "", StatusCode: "Failed", StatusMessage },
  });

export const mark = (more: Partial<Mark> = {}): string =>
  formatMark({
    instances: 1,
    since: NOW,
    waitMinutes: 10,
    until: NOW,
    heldUntil: undefined,
    detached: undefined,
    failed: false,
    ...more,
  });
