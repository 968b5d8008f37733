/** A small AWS in memory for the drain function: answers as the APIs do, keeps their limits, and records every call. */
import type { Resource } from "@aws-sdk/client-ecs";
import type { DrainPorts } from "../../../functions/drain/handler";
import type { DrainSettings } from "../../../functions/drain/settings";
import type { LogRecord } from "../../../functions/log";

export const NOW = Date.UTC(2026, 0, 1);

export const SETTINGS: DrainSettings = {
  clusterArn: "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
  autoScalingGroupName: "shop-group",
  queueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-events",
  replacement: "detach",
  recommendations: "ignore",
  recommendationMinutes: 60,
  stopTimeoutSeconds: 60,
  checkIntervalSeconds: 5,
};

export const idOf = (n: number): string => `i-${n.toString(16).padStart(8, "0")}`;
export const arnOf = (instanceId: string): string => `${SETTINGS.clusterArn}/container-instance/${instanceId}`;
export const targetGroupArn = (name: string): string => `arn:aws:elasticloadbalancing:::targetgroup/${name}/1`;

export interface FakeTask {
  readonly arn: string;
  readonly group: string | undefined;
  lastStatus: string;
  desiredStatus: string;
  readonly hostPorts: readonly number[];
}

export interface FakeInstance {
  readonly instanceId: string;
  status: string;
  agentConnected: boolean;
  readonly tasks: FakeTask[];
  readonly tags: Map<string, string>;
}

export interface FakeTarget {
  readonly targetGroupArn: string;
  readonly instanceId: string;
  readonly port: number;
  health: string;
}

export interface Call {
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** An error as the SDK throws it. */
export function awsError(name: string, message = name, more: object = {}): Error {
  return Object.assign(new Error(message), { name }, more);
}

type Input = Record<string, unknown>;

interface Sent {
  readonly body: string;
  readonly delaySeconds: number;
}

/** A chain's interval, and what shifts it. */
const LONGEST_CHECK_SECONDS = 10;

export class FakeAws {
  now = NOW;
  readonly calls: Call[] = [];
  readonly logs: LogRecord[] = [];
  readonly waits: number[] = [];
  readonly instances = new Map<string, FakeInstance>();
  readonly group = new Map<string, string>();
  readonly otherGroup = new Set<string>();
  readonly services = new Map<string, { schedulingStrategy: string; targetGroupArns: readonly string[] }>();
  readonly targets: FakeTarget[] = [];
  readonly sizes = { MinSize: 0, MaxSize: 20, DesiredCapacity: 0 };
  /** Of services; as many as run unless given. */
  readonly desiredCounts = new Map<string, number>();
  readonly groupTags = new Map<string, string>();
  refreshStatus: string | undefined;
  pageSize = 100;
  /** Says which call fails, and how. */
  fails: (command: string, input: Input) => Error | undefined = () => undefined;
  /** What a call waits for; lockstep tests count here. */
  beforeAnswer: () => Promise<void> = () => Promise.resolve();

  join(instanceId: string, status = "ACTIVE"): FakeInstance {
    const instance = { instanceId, status, agentConnected: true, tasks: [], tags: new Map<string, string>() };
    this.instances.set(instanceId, instance);
    this.group.set(instanceId, "InService");
    this.sizes.DesiredCapacity++;
    return instance;
  }

  /** Runs a task of `service` on an instance, with a healthy target in each of the service's groups. */
  run(instanceId: string, service: string | undefined, port: number, lastStatus = "RUNNING"): FakeTask {
    const group = service === undefined ? "family:job" : `service:${service}`;
    const arn = `${SETTINGS.clusterArn}/task/${instanceId}-${port}`;
    const groups = this.services.get(service ?? "")?.targetGroupArns ?? [];
    const task: FakeTask = { arn, group, lastStatus, desiredStatus: "RUNNING", hostPorts: [port] };
    this.instances.get(instanceId)!.tasks.push(task);
    for (const each of groups) this.targets.push({ targetGroupArn: each, instanceId, port, health: "healthy" });
    return task;
  }

  balanced(name: string): void {
    this.services.set(name, { schedulingStrategy: "REPLICA", targetGroupArns: [targetGroupArn(name)] });
  }

  called(command: string): Input[] {
    return this.calls.filter((call) => call.command === command).map((call) => call.input);
  }

  decisions(kind: string): LogRecord[] {
    return this.logs.filter((record) => record.decision === kind);
  }

  get metrics(): LogRecord | undefined {
    return this.logs.find((record) => "_aws" in record);
  }

  /** The checks that were sent, as messages, but for last looks. */
  get checks(): Sent[] {
    return this.sent.filter(({ delaySeconds }) => delaySeconds <= LONGEST_CHECK_SECONDS);
  }

  get lastLooks(): Sent[] {
    return this.sent.filter(({ delaySeconds }) => delaySeconds > LONGEST_CHECK_SECONDS);
  }

  private get sent(): Sent[] {
    const sent = this.called("sendMessage");
    return sent.map((input) => ({ body: input.MessageBody as string, delaySeconds: input.DelaySeconds as number }));
  }

  ports(): DrainPorts {
    const answer = (command: string, run: (input: Input) => object) => async (input: Input) => {
      this.calls.push({ command, input });
      await this.beforeAnswer();
      const error = this.fails(command, input);
      if (error !== undefined) throw error;
      return run(input);
    };
    const service = (commands: Record<string, (input: Input) => object>): object =>
      Object.fromEntries(Object.entries(commands).map(([name, run]) => [name, answer(name, run)]));
    return {
      ecs: service(this.ecs()),
      elbv2: service(this.elbv2()),
      autoScaling: service(this.autoScaling()),
      ec2: service({ terminateInstances: () => ({}) }),
      sqs: service({ sendMessage: () => ({}) }),
      now: () => this.now,
      random: () => 0.5,
      sleep: (milliseconds: number) => {
        this.waits.push(milliseconds);
        this.now += milliseconds;
        return Promise.resolve();
      },
      log: (record: LogRecord) => this.logs.push(record),
    } as unknown as DrainPorts;
  }

  private instanceAt(arn: string): FakeInstance {
    const instance = this.instances.get(arn.slice(arn.lastIndexOf("/") + 1));
    if (instance === undefined) throw awsError("InvalidParameterException", "The container instance is not found.");
    return instance;
  }

  private page(arns: readonly string[], input: Input, member: string): object {
    const start = Number(input.nextToken ?? 0);
    const end = start + this.pageSize;
    return { [member]: arns.slice(start, end), ...(end < arns.length ? { nextToken: String(end) } : {}) };
  }

  private ecs(): Record<string, (input: Input) => object> {
    return {
      listContainerInstances: (input) => {
        const found = [...this.instances.values()].filter(
          (each) =>
            (input.status === undefined || each.status === input.status) &&
            (input.filter === undefined || input.filter === `ec2InstanceId == ${each.instanceId}`),
        );
        const arns = found.map((each) => arnOf(each.instanceId));
        return this.page(arns, input, "containerInstanceArns");
      },
      describeContainerInstances: (input) => ({
        containerInstances: atMost(100, input.containerInstances).map((arn) => {
          const { instanceId, status, agentConnected, tasks, tags } = this.instanceAt(arn);
          const held = tasks.filter((task) => task.lastStatus !== "STOPPED").length;
          return {
            containerInstanceArn: arn,
            ec2InstanceId: instanceId,
            status,
            agentConnected,
            ...((input.include as string[] | undefined)?.includes("TAGS") ? { tags: tagList(tags) } : {}),
            registeredResources: resources(2048, 7764),
            remainingResources: resources(2048 - 256 * held, 7764 - 512 * held),
          };
        }),
      }),
      updateContainerInstancesState: (input) => {
        for (const arn of atMost(10, input.containerInstances)) {
          this.instanceAt(arn).status = input.status as string;
        }
        return {};
      },
      listTasks: (input) => {
        const { tasks } = this.instanceAt(input.containerInstance as string);
        const wanted = tasks.filter((task) => task.desiredStatus === (input.desiredStatus ?? "RUNNING"));
        return this.page(
          wanted.map((task) => task.arn),
          input,
          "taskArns",
        );
      },
      describeTasks: (input) => {
        const wanted = new Set(atMost(100, input.tasks));
        const all = [...this.instances.values()].flatMap((each) => each.tasks);
        return { tasks: all.filter((task) => wanted.has(task.arn)).map(described) };
      },
      tagResource: (input) => {
        const { tags } = this.instanceAt(input.resourceArn as string);
        for (const { key, value } of input.tags as { key: string; value: string }[]) tags.set(key, value);
        return {};
      },
      untagResource: (input) => {
        const { tags } = this.instanceAt(input.resourceArn as string);
        for (const key of input.tagKeys as string[]) tags.delete(key);
        return {};
      },
      stopTask: (input) => {
        const task = [...this.instances.values()].flatMap((each) => each.tasks).find((each) => each.arn === input.task);
        if (task === undefined) throw awsError("InvalidParameterException", "The referenced task was not found.");
        task.desiredStatus = "STOPPED";
        return {};
      },
      listServices: (input) =>
        this.page(
          [...this.services.keys()].map((name) => `${SETTINGS.clusterArn}/service/${name}`),
          input,
          "serviceArns",
        ),
      describeServices: (input) => ({
        services: atMost(10, input.services).map((arn) => {
          const serviceName = arn.slice(arn.lastIndexOf("/") + 1);
          const { schedulingStrategy, targetGroupArns } = this.services.get(serviceName)!;
          const running = [...this.instances.values()]
            .flatMap((each) => each.tasks)
            .filter((task) => task.group === `service:${serviceName}` && task.lastStatus === "RUNNING");
          return {
            serviceName,
            schedulingStrategy,
            runningCount: running.length,
            desiredCount: this.desiredCounts.get(serviceName) ?? running.length,
            loadBalancers: targetGroupArns.map((each) => ({ targetGroupArn: each })),
          };
        }),
      }),
    };
  }

  private elbv2(): Record<string, (input: Input) => object> {
    return {
      describeTargetHealth: (input) => ({
        TargetHealthDescriptions: this.targets
          .filter((target) => target.targetGroupArn === input.TargetGroupArn)
          .map(({ instanceId, port, health }) => ({
            Target: { Id: instanceId, Port: port },
            TargetHealth: { State: health },
          })),
      }),
      deregisterTargets: (input) => {
        for (const { Id, Port } of input.Targets as { Id: string; Port: number }[]) {
          for (const target of this.targets) {
            const isMeant = target.targetGroupArn === input.TargetGroupArn;
            if (isMeant && target.instanceId === Id && target.port === Port) target.health = "draining";
          }
        }
        return {};
      },
    };
  }

  private autoScaling(): Record<string, (input: Input) => object> {
    const member = (instanceId: string): object => ({
      InstanceId: instanceId,
      AutoScalingGroupName: this.group.has(instanceId) ? SETTINGS.autoScalingGroupName : "another-group",
      LifecycleState: this.group.get(instanceId) ?? "InService",
    });
    return {
      describeAutoScalingInstances: (input) => ({
        AutoScalingInstances: atMost(50, input.InstanceIds)
          .filter((id) => this.group.has(id) || this.otherGroup.has(id))
          .map(member),
      }),
      describeAutoScalingGroups: () => ({
        AutoScalingGroups: [
          { ...this.sizes, Instances: [...this.group.keys()].map(member), Tags: groupTagList(this.groupTags) },
        ],
      }),
      describeInstanceRefreshes: () => ({
        InstanceRefreshes: this.refreshStatus === undefined ? [] : [{ Status: this.refreshStatus }],
      }),
      setDesiredCapacity: (input) => {
        this.sizes.DesiredCapacity = input.DesiredCapacity as number;
        return {};
      },
      attachInstances: (input) => {
        for (const id of atMost(20, input.InstanceIds)) {
          if (this.group.has(id)) throw awsError("ValidationError", `Instance ${id} is already part of a group`);
          if (this.sizes.DesiredCapacity >= this.sizes.MaxSize) {
            throw awsError("ValidationError", "To attach 1 instance, please update the AutoScalingGroup sizes.");
          }
          this.group.set(id, "InService");
          this.sizes.DesiredCapacity++;
        }
        return {};
      },
      detachInstances: (input) => {
        const ids = atMost(20, input.InstanceIds);
        for (const id of ids) {
          const state = this.group.get(id);
          if (state === undefined) {
            throw awsError("ValidationError", `The instance ${id} is not part of Auto Scaling group shop-group.`);
          }
          if (state !== "InService")
            throw awsError("ValidationError", `The instance ${id} is not in InService or Standby.`);
        }
        for (const id of ids) this.group.delete(id);
        return {};
      },
    };
  }
}

function described({ arn, group, lastStatus, desiredStatus, hostPorts }: FakeTask): object {
  const networkBindings = hostPorts.map((hostPort) => ({ hostPort }));
  return { taskArn: arn, group, lastStatus, desiredStatus, containers: [{ networkBindings }] };
}

function atMost(limit: number, given: unknown): string[] {
  const items = (given ?? []) as string[];
  if (items.length > limit) throw awsError("InvalidParameterException", `${items.length} items: at most ${limit}`);
  return items;
}

export function notice(instanceId: string, at = NOW): string {
  return JSON.stringify({
    version: "0",
    id: "12345678-1234-1234-1234-123456789012",
    "detail-type": "EC2 Spot Instance Interruption Warning",
    source: "aws.ec2",
    account: "123456789012",
    time: new Date(at).toISOString(),
    region: "eu-west-1",
    resources: [`arn:aws:ec2:eu-west-1:123456789012:instance/${instanceId}`],
    detail: { "instance-id": instanceId, "instance-action": "terminate" },
  });
}

export function recommendation(instanceId: string, at = NOW): string {
  return JSON.stringify({
    "detail-type": "EC2 Instance Rebalance Recommendation",
    source: "aws.ec2",
    time: new Date(at).toISOString(),
    resources: [`arn:aws:ec2:eu-west-1:123456789012:instance/${instanceId}`],
    detail: { "instance-id": instanceId },
  });
}

export function check(instanceId: string, deadline = NOW + 120_000): string {
  return JSON.stringify({ kind: "check", instanceId, deadline });
}

export function sweep(at = NOW): string {
  const time = new Date(at).toISOString();
  return JSON.stringify({ "detail-type": "Scheduled Event", source: "aws.events", time, detail: {} });
}

/** A batch as Lambda gives it, its messages called m0, m1, … */
export function batchOf(...bodies: (string | null)[]): { Records: { messageId: string; body: string | null }[] } {
  return { Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })) };
}

/** A service `web` with one task on each of the first three instances. */
export function threeInstances(): FakeAws {
  const aws = new FakeAws();
  aws.balanced("web");
  for (const id of [1, 2, 3].map(idOf)) {
    aws.join(id);
    aws.run(id, "web", 32768);
  }
  return aws;
}

/** Actions that only hints need. */
export const HINTING = [
  "autoscaling:AttachInstances",
  "autoscaling:DescribeInstanceRefreshes",
  "autoscaling:SetDesiredCapacity",
  "ecs:TagResource",
  "ecs:UntagResource",
];

const tagList = (tags: ReadonlyMap<string, string>): object[] => [...tags].map(([key, value]) => ({ key, value }));

const groupTagList = (tags: ReadonlyMap<string, string>): object[] => [...tags].map(([Key, Value]) => ({ Key, Value }));

const resources = (cpu: number, memory: number): Resource[] => [
  { name: "CPU", type: "INTEGER", integerValue: cpu },
  { name: "MEMORY", type: "INTEGER", integerValue: memory },
  { name: "PORTS", type: "STRINGSET", stringSetValue: ["22", "2376"] },
];
