/** A small AWS in memory for the rebalance function: one service on a cluster, whose scheduler works when it is told to. */
import { handleRebalance, type RebalancePorts } from "../../../functions/rebalance/handler";
import { movesTag } from "../../../functions/rebalance/movesTag";
import type { RebalanceSettings } from "../../../functions/rebalance/settings";
import { MOVES_TAG } from "../../../functions/tags";
import { FakeAws, MINUTE, NOW, S, SETTINGS as OF_SERVICE, type FakeInstance, type FakeTask } from "../scaleIn/fakeAws";

export const SETTINGS: RebalanceSettings = {
  clusterArn: OF_SERVICE.clusterArn,
  autoScalingGroupName: "shop",
  queueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-rebalance-events",
  mostApartPercent: 35,
  intervalMinutes: 15,
  mostMoves: 10,
  targetCapacityPercent: 100,
};

/** As the component sets it. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  CLUSTER_ARN: SETTINGS.clusterArn,
  AUTO_SCALING_GROUP_NAME: SETTINGS.autoScalingGroupName,
  QUEUE_URL: SETTINGS.queueUrl,
  MOST_APART_PERCENT: "35",
  INTERVAL_MINUTES: "15",
  MOST_MOVES: "10",
  TARGET_CAPACITY_PERCENT: "100",
};

export const RAISED = "spotproof:rebalance:api";
export const FIGURES = {
  isOn: true,
  settleSeconds: 10,
  workPatienceSeconds: 0,
  healthCheckSeconds: 10,
  checkIntervalSeconds: 5,
};
const ROOM = { cpu: 4096, memory: 16384 };
export const TASK = { cpu: 256, memory: 512 };

type Input = Record<string, unknown>;

export class FakeCluster extends FakeAws {
  readonly groupTags = new Map<string, string>();
  readonly startedAt = new Map<FakeTask, number>();
  /** Where it is another moment. */
  readonly createdAt = new Map<FakeTask, number>();
  /** What the service's description has beside the counts. */
  description: Record<string, unknown> = {
    placementStrategy: [
      { type: "spread", field: "attribute:ecs.availability-zone" },
      { type: "spread", field: "instanceId" },
    ],
    tags: [{ key: MOVES_TAG, value: movesTag(FIGURES) }],
  };
  refreshStatus = "Successful";
  /** How many tasks of other services, as large, an instance has beside these. */
  readonly others = new Map<FakeInstance, number>();
  /** What each instance offers. */
  room = ROOM;
  /** What the task definition has beside its container. */
  definition: Record<string, unknown> = {};
  /** The instances that meet an expression in the cluster query language. */
  readonly members = new Map<string, readonly FakeInstance[]>();
  messages: { readonly body: string; readonly due: number }[] = [];

  /** As many tasks on each instance, all in one zone unless said otherwise. */
  static of(counts: readonly number[], zones: readonly string[] = counts.map(() => "eu-west-1a")): FakeCluster {
    const aws = new FakeCluster();
    counts.forEach((count, index) => {
      const instance = aws.join(zones[index]!);
      for (let k = 0; k < count; k++) aws.startedAt.set(aws.run(instance), NOW - 60 * MINUTE);
    });
    aws.service.desiredCount = aws.tasks.length;
    aws.minCapacity = undefined;
    return aws;
  }

  /** How many tasks each instance has. */
  get counts(): number[] {
    return this.instances.map((instance) => this.alive.filter((task) => task.instance === instance).length);
  }

  /** The scheduler starts what is missing, each on the emptiest instance, and it serves at once; what was let go does after a check. */
  start(): void {
    while (this.alive.length < this.service.desiredCount) {
      const open = this.instances.filter(({ status }) => status === "ACTIVE");
      const on = (instance: FakeInstance): number => this.alive.filter((task) => task.instance === instance).length;
      const [emptiest] = open.sort((a, b) => on(a) - on(b));
      this.startedAt.set(this.run(emptiest!), this.now);
    }
    for (const target of this.targets.values()) {
      if (target.health === "initial" && this.now - target.since >= 10 * S) target.health = "healthy";
    }
    for (const task of this.tasks) if (task.lastStatus === "STOPPING") task.lastStatus = "STOPPED";
  }

  /** Lets time pass, with the scheduler and the queue at work. */
  async pass(seconds: number): Promise<void> {
    const end = this.now + seconds * S;
    while (this.now < end) {
      this.now += S;
      this.start();
      const due = this.messages.filter((message) => message.due <= this.now);
      this.messages = this.messages.filter((message) => !due.includes(message));
      if (due.length > 0) await this.handle(due.map(({ body }) => body));
    }
  }

  handle(bodies: readonly string[], settings = SETTINGS): Promise<{ readonly batchItemFailures: readonly object[] }> {
    const Records = bodies.map((body, index) => ({ messageId: String(index), body }));
    return handleRebalance({ Records }, settings, this.ports(), 25_000);
  }

  protected override sendMessage({ MessageBody, DelaySeconds }: Input): object {
    this.messages.push({ body: String(MessageBody), due: this.now + Number(DelaySeconds) * S });
    return {};
  }

  override ports(): ReturnType<FakeAws["ports"]> & RebalancePorts {
    const ports = super.ports() as unknown as Record<string, Record<string, (input: Input) => Promise<Input>>>;
    const answering = (answers: Readonly<Record<string, (input: Input) => object>>): object =>
      Object.fromEntries(Object.entries(answers).map(([name, run]) => [name, this.answer(name, run)]));
    return {
      ...ports,
      ecs: { ...ports.ecs, ...this.richer(ports.ecs!), ...answering(this.listings()) },
      autoScaling: answering(this.autoScaling()),
    } as unknown as ReturnType<FakeAws["ports"]> & RebalancePorts;
  }

  /** What the scale-in's fake tells, and more of it. */
  private richer(ecs: Record<string, (input: Input) => Promise<Input>>): object {
    return {
      describeTasks: async (input: Input) => {
        const { tasks } = (await ecs.describeTasks!(input)) as { tasks: { taskArn: string }[] };
        return {
          tasks: tasks.map((task) => {
            const known = this.tasks.find(({ arn }) => arn === task.taskArn)!;
            const [startedAt, createdAt] = [this.startedAt, this.createdAt].map((times) => dateOf(times.get(known)));
            return { ...task, group: "service:api", createdAt: createdAt ?? startedAt, startedAt };
          }),
        };
      },
      describeServices: async (input: Input) => {
        const { services } = (await ecs.describeServices!(input)) as { services: object[] };
        return { services: services.map((service) => ({ ...service, serviceName: "api", ...this.description })) };
      },
      describeContainerInstances: async (input: Input) => {
        const answer = (await ecs.describeContainerInstances!(input)) as { containerInstances: Input[] };
        return { containerInstances: answer.containerInstances.map((each) => this.withResources(each)) };
      },
    };
  }

  private withResources(instance: Input): object {
    const { containerInstanceArn, runningTasksCount } = instance as {
      containerInstanceArn: string;
      runningTasksCount: number;
    };
    const resources = (tasks: number): object[] => [
      { name: "CPU", integerValue: this.room.cpu - tasks * TASK.cpu },
      { name: "MEMORY", integerValue: this.room.memory - tasks * TASK.memory },
    ];
    const known = this.instances.find(({ arn }) => arn === containerInstanceArn)!;
    const taskCount = runningTasksCount + (this.others.get(known) ?? 0);
    return {
      ...instance,
      agentConnected: true,
      attributes: [{ name: "ecs.availability-zone", value: known.zone }],
      registeredResources: resources(0),
      runningTasksCount: taskCount,
      remainingResources: resources(taskCount),
    };
  }

  private listings(): Readonly<Record<string, (input: Input) => object>> {
    const containerDefinitions = [{ name: "web", cpu: TASK.cpu, memoryReservation: TASK.memory, portMappings: [] }];
    return {
      listContainerInstances: ({ filter }) => {
        const wanted = filter === undefined ? this.instances : (this.members.get(filter as string) ?? []);
        return { containerInstanceArns: wanted.map(({ arn }) => arn) };
      },
      listServices: () => ({ serviceArns: [`${SETTINGS.clusterArn.replace("cluster", "service")}/api`] }),
      describeTaskDefinition: () => ({ taskDefinition: { containerDefinitions, ...this.definition } }),
    };
  }

  private autoScaling(): Readonly<Record<string, (input: Input) => object>> {
    const each = (input: Input, run: (key: string, value: string) => void): object => {
      for (const { Key, Value } of input.Tags as { Key: string; Value: string }[]) run(Key, Value);
      return {};
    };
    return {
      describeTags: () => ({ Tags: [...this.groupTags].map(([Key, Value]) => ({ Key, Value, ResourceId: "shop" })) }),
      createOrUpdateTags: (input) => each(input, (key, value) => this.groupTags.set(key, value)),
      deleteTags: (input) => each(input, (key) => this.groupTags.delete(key)),
      describeInstanceRefreshes: () => ({ InstanceRefreshes: [{ Status: this.refreshStatus }] }),
    };
  }
}

const dateOf = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));

/** The schedule's event, by default at the beginning of an interval. */
export function schedule(at = NOW): string {
  const time = new Date(at).toISOString();
  return JSON.stringify({ "detail-type": "Scheduled Event", source: "aws.events", time, detail: {} });
}

export function launched(AutoScalingGroupName = "shop"): string {
  const detail = { AutoScalingGroupName, EC2InstanceId: "i-0", StatusCode: "InProgress" };
  return JSON.stringify({ "detail-type": "EC2 Instance Launch Successful", source: "aws.autoscaling", detail });
}
