/** A small AWS in memory for the scale-in function: one service, answered as the APIs do, within their limits. */
import type { ScaleInPorts } from "../../../functions/scaleIn/handler";
import type { ScaleInSettings } from "../../../functions/scaleIn/settings";
import type { LogRecord } from "../../../functions/log";
import { MARK_TAG } from "../../../functions/tags";

export const NOW = Date.UTC(2026, 0, 1);
export const S = 1000;
export const MINUTE = 60 * S;

export const GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/api/0123456789abcdef";

export const SETTINGS: ScaleInSettings = {
  clusterArn: "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
  serviceName: "api",
  queueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/api-scale-in",
  targetGroupArns: [GROUP],
  lowAlarmName: "api-few-requests",
  scaleOutAlarmNames: ["api-cpu-high"],
  loadMetrics: [
    {
      namespace: "AWS/ApplicationELB",
      metricName: "RequestCount",
      dimensions: { TargetGroup: "targetgroup/api/0123456789abcdef", LoadBalancer: "app/shop/0123456789abcdef" },
      stat: "Sum",
    },
  ],
  tiers: [
    { below: 100, remove: 2 },
    { below: 50, remove: 4 },
  ],
  tiersPer: "service",
  mostSharePercent: 50,
  mostPerTask: undefined,
  checkIntervalSeconds: 5,
  healthCheckSeconds: 10,
  settleSeconds: 10,
  workPatienceSeconds: 0,
};

const messagesMetric = (metricName: string) => ({
  namespace: "AWS/SQS",
  metricName,
  dimensions: { QueueName: "mail-high" },
  stat: "Average",
});

/** Of a service without a balancer, whose tasks take one job at once. */
export const WORKERS: Partial<ScaleInSettings> = {
  targetGroupArns: [],
  loadMetrics: [
    messagesMetric("ApproximateNumberOfMessagesVisible"),
    messagesMetric("ApproximateNumberOfMessagesNotVisible"),
  ],
  tiers: [{ below: 1, remove: 16 }],
  tiersPer: "task",
  mostSharePercent: 100,
  mostPerTask: 1,
  healthCheckSeconds: 5,
  settleSeconds: 2,
};

/** As the component sets it. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  CLUSTER_ARN: SETTINGS.clusterArn,
  SERVICE_NAME: SETTINGS.serviceName,
  QUEUE_URL: SETTINGS.queueUrl,
  TARGET_GROUP_ARNS: JSON.stringify(SETTINGS.targetGroupArns),
  LOW_ALARM_NAME: SETTINGS.lowAlarmName,
  SCALE_OUT_ALARM_NAMES: JSON.stringify(SETTINGS.scaleOutAlarmNames),
  LOAD_METRICS: JSON.stringify(SETTINGS.loadMetrics),
  TIERS: JSON.stringify(SETTINGS.tiers),
  TIERS_PER: "service",
  MOST_SHARE_PERCENT: "50",
  CHECK_INTERVAL_SECONDS: "5",
  HEALTH_CHECK_SECONDS: "10",
  SETTLE_SECONDS: "10",
  WORK_PATIENCE_SECONDS: "0",
};

export interface FakeTask {
  readonly arn: string;
  readonly instance: FakeInstance;
  readonly port: number;
  lastStatus: string;
  desiredStatus: string;
  mark: string | undefined;
  /** Milliseconds since the epoch; 0 where it never was. */
  protectedUntil: number;
}

export interface FakeInstance {
  readonly arn: string;
  readonly instanceId: string;
  readonly zone: string;
  status: string;
}

export interface FakeTarget {
  readonly task: FakeTask;
  health: string;
  /** When it came into this state. */
  since: number;
}

type Input = Record<string, unknown>;
type Answers = Readonly<Record<string, (input: Input) => object>>;

/** An error as the SDK throws it. */
export function awsError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}

export class FakeAws {
  now = NOW;
  /** Without one, tasks have no targets, and the function no right to ask for any. */
  hasBalancer = true;
  readonly calls: { readonly command: string; readonly input: Input }[] = [];
  readonly logs: LogRecord[] = [];
  readonly instances: FakeInstance[] = [];
  readonly tasks: FakeTask[] = [];
  readonly targets = new Map<FakeTask, FakeTarget>();
  readonly service = { desiredCount: 0, deployments: [{ status: "PRIMARY", rolloutState: "COMPLETED" }] };
  readonly alarms = new Map([
    ["api-few-requests", "ALARM"],
    ["api-cpu-high", "OK"],
  ]);
  minCapacity: number | undefined = 1;
  maxCapacity = 100;
  suspended = false;
  /** Of each metric of the load, a value per minute. */
  loads: readonly (readonly number[])[] = [[60, 70, 80]];
  pageSize = 100;
  /** How many instances have ever joined. */
  private joined = 0;
  /** Runs before a call is answered; what it throws is the answer. */
  beforeAnswer: (command: string, input: Input) => Promise<void> = () => Promise.resolve();

  /** An instance in each zone by turns, with `tasksEach` running and healthy tasks. */
  static withTasks(instances: number, tasksEach = 1, zones = 3): FakeAws {
    const aws = new FakeAws();
    for (let n = 0; n < instances; n++) {
      const instance = aws.join(`eu-west-1${"abc"[n % zones]}`);
      for (let k = 0; k < tasksEach; k++) aws.run(instance);
    }
    aws.service.desiredCount = aws.tasks.length;
    return aws;
  }

  /** The same without a balancer, and with nothing in the queue. */
  static withWorkers(instances: number, tasksEach = 1): FakeAws {
    const aws = FakeAws.withTasks(instances, tasksEach);
    aws.hasBalancer = false;
    aws.targets.clear();
    aws.minCapacity = 0;
    aws.loads = [[], []];
    return aws;
  }

  join(zone: string): FakeInstance {
    const n = this.joined++;
    const arn = `${SETTINGS.clusterArn}/container-instance/${n}`;
    const instance = { arn, instanceId: `i-${n.toString(16).padStart(17, "0")}`, zone, status: "ACTIVE" };
    this.instances.push(instance);
    return instance;
  }

  run(instance: FakeInstance, lastStatus = "RUNNING"): FakeTask {
    const n = this.tasks.length;
    const arn = `${SETTINGS.clusterArn}/task/${String(n).padStart(4, "0")}`;
    const shared = { desiredStatus: "RUNNING", mark: undefined, protectedUntil: 0 };
    const task: FakeTask = { arn, instance, port: 32768 + n, lastStatus, ...shared };
    this.tasks.push(task);
    if (lastStatus === "RUNNING") this.register(task, "healthy");
    return task;
  }

  register(task: FakeTask, health = "initial"): void {
    if (!this.hasBalancer) return;
    this.targets.set(task, { task, health, since: this.now });
  }

  deregister(task: FakeTask): void {
    const target = this.targets.get(task);
    if (target === undefined || target.health === "draining") return;
    target.health = "draining";
    target.since = this.now;
  }

  /** Tasks that ECS wants to run. */
  get alive(): FakeTask[] {
    return this.tasks.filter((task) => task.desiredStatus === "RUNNING");
  }

  get marked(): FakeTask[] {
    return this.alive.filter((task) => task.mark !== undefined);
  }

  healthOf(task: FakeTask): string | undefined {
    return this.targets.get(task)?.health;
  }

  called(command: string): Input[] {
    return this.calls.filter((call) => call.command === command).map((call) => call.input);
  }

  decisions(kind: string): LogRecord[] {
    return this.logs.filter((record) => record.decision === kind);
  }

  get metrics(): LogRecord | undefined {
    return this.logs.findLast((record) => "_aws" in record);
  }

  ports(): ScaleInPorts {
    const service = (answers: Answers): object =>
      Object.fromEntries(Object.entries(answers).map(([name, run]) => [name, this.answer(name, run)]));
    return {
      ecs: service(this.ecs()),
      elbv2: service(this.hasBalancer ? this.elbv2() : {}),
      cloudWatch: service(this.cloudWatch()),
      applicationAutoScaling: service({ describeScalableTargets: () => this.scalableTargets() }),
      sqs: service({ sendMessage: (input) => this.sendMessage(input) }),
      now: () => this.now,
      random: () => 0.5,
      sleep: (milliseconds: number) => this.sleep(milliseconds),
      log: (record: LogRecord) => this.logs.push(record),
    } as unknown as ScaleInPorts;
  }

  protected sleep(milliseconds: number): Promise<void> {
    this.now += milliseconds;
    return Promise.resolve();
  }

  protected answer(command: string, run: (input: Input) => object): (input: Input) => Promise<object> {
    return async (input) => {
      this.calls.push({ command, input });
      await this.beforeAnswer(command, input);
      return run(input);
    };
  }

  protected sendMessage(_input: Input): object {
    return {};
  }

  /** At a StopTask. */
  protected stopByCall(task: FakeTask): void {
    task.desiredStatus = "STOPPED";
    task.lastStatus = "STOPPING";
    this.deregister(task);
  }

  protected setDesiredCount(count: number): void {
    this.service.desiredCount = count;
  }

  private find(arn: unknown): FakeTask | undefined {
    return this.tasks.find((task) => task.arn === arn);
  }

  private ecs(): Answers {
    return {
      listTasks: (input) => {
        const start = Number(input.nextToken ?? 0);
        const end = start + this.pageSize;
        const arns = this.alive.map((task) => task.arn);
        return { taskArns: arns.slice(start, end), ...(end < arns.length ? { nextToken: String(end) } : {}) };
      },
      describeTasks: (input) => {
        const wanted = new Set(atMost(100, input.tasks));
        return { tasks: this.tasks.filter((task) => wanted.has(task.arn)).map(described) };
      },
      describeServices: () => {
        const running = this.tasks.filter((task) => task.lastStatus === "RUNNING" && task.desiredStatus === "RUNNING");
        const pendingCount = this.alive.length - running.length;
        const balancer = { targetGroupArn: GROUP, containerName: "web", containerPort: 3000 };
        const loadBalancers = this.hasBalancer ? [balancer] : [];
        return { services: [{ ...this.service, runningCount: running.length, pendingCount, loadBalancers }] };
      },
      describeContainerInstances: (input) => {
        const wanted = new Set(atMost(100, input.containerInstances));
        return {
          containerInstances: this.instances.filter((each) => wanted.has(each.arn)).map((each) => this.load(each)),
        };
      },
      getTaskProtection: (input) => {
        const arns = new Set(atMost(100, input.tasks));
        return { protectedTasks: this.alive.filter((task) => arns.has(task.arn)).map((task) => this.protection(task)) };
      },
      stopTask: (input) => {
        const task = this.find(input.task);
        if (task === undefined) throw awsError("InvalidParameterException", "The referenced task was not found.");
        if (task.desiredStatus === "RUNNING") this.stopByCall(task);
        return {};
      },
      tagResource: (input) => {
        const [tag] = input.tags as { key: string; value: string }[];
        this.tag(input.resourceArn, tag?.key, tag?.value);
        return {};
      },
      untagResource: (input) => {
        this.tag(input.resourceArn, (input.tagKeys as string[])[0], undefined);
        return {};
      },
      updateService: (input) => {
        this.setDesiredCount(input.desiredCount as number);
        return {};
      },
    };
  }

  private load({ arn, instanceId, status }: FakeInstance): object {
    const runningTasksCount = this.alive.filter((task) => task.instance.arn === arn).length;
    return { containerInstanceArn: arn, ec2InstanceId: instanceId, status, runningTasksCount, pendingTasksCount: 0 };
  }

  private protection({ arn, protectedUntil }: FakeTask): object {
    const protectionEnabled = protectedUntil > this.now;
    return {
      taskArn: arn,
      protectionEnabled,
      ...(protectionEnabled ? { expirationDate: new Date(protectedUntil) } : {}),
    };
  }

  private tag(arn: unknown, key: string | undefined, value: string | undefined): void {
    const task = this.find(arn);
    if (task === undefined || task.lastStatus === "STOPPED")
      throw awsError("ResourceNotFoundException", "The task was not found.");
    if (key === MARK_TAG) task.mark = value;
  }

  private elbv2(): Answers {
    const each = (input: Input, run: (task: FakeTask) => void): object => {
      for (const { Id, Port } of input.Targets as { Id: string; Port: number }[]) {
        const task = this.tasks.find(({ instance, port }) => instance.instanceId === Id && port === Port);
        if (task !== undefined && input.TargetGroupArn === GROUP) run(task);
      }
      return {};
    };
    return {
      describeTargetHealth: () => ({
        TargetHealthDescriptions: [...this.targets.values()].map(({ task, health }) => ({
          Target: { Id: task.instance.instanceId, Port: task.port },
          TargetHealth: { State: health },
        })),
      }),
      deregisterTargets: (input) => each(input, (task) => this.deregister(task)),
      registerTargets: (input) => each(input, (task) => this.register(task)),
    };
  }

  private cloudWatch(): Answers {
    return {
      describeAlarms: (input) => ({
        MetricAlarms: atMost(100, input.AlarmNames)
          .filter((name) => this.alarms.has(name))
          .map((AlarmName) => ({ AlarmName, StateValue: this.alarms.get(AlarmName) })),
      }),
      getMetricData: (input) => ({
        MetricDataResults: (input.MetricDataQueries as { Id: string }[]).map(({ Id }, index) => {
          return { Id, StatusCode: "Complete", Values: this.loads[index] ?? [] };
        }),
      }),
    };
  }

  private scalableTargets(): object {
    if (this.minCapacity === undefined) return { ScalableTargets: [] };
    const SuspendedState = { DynamicScalingInSuspended: this.suspended };
    const ResourceId = `service/shop/${SETTINGS.serviceName}`;
    const { minCapacity: MinCapacity, maxCapacity: MaxCapacity } = this;
    return { ScalableTargets: [{ ResourceId, MinCapacity, MaxCapacity, SuspendedState }] };
  }
}

function described(task: FakeTask): object {
  const networkBindings = [{ containerPort: 3000, hostPort: task.port }];
  return {
    taskArn: task.arn,
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    availabilityZone: task.instance.zone,
    // One that waits for an instance has none.
    containerInstanceArn: task.lastStatus === "PROVISIONING" ? undefined : task.instance.arn,
    containers: [{ name: "sidecar" }, { name: "web", networkBindings }],
    tags: task.mark === undefined ? [] : [{ key: MARK_TAG, value: task.mark }],
  };
}

function atMost(limit: number, given: unknown): string[] {
  const items = (given ?? []) as string[];
  if (items.length > limit || items.length === 0) {
    throw awsError("InvalidParameterException", `${items.length} items: from 1 to ${limit}`);
  }
  return items;
}

export function alarmChange(alarmName = SETTINGS.lowAlarmName, value = "ALARM"): string {
  return JSON.stringify({
    version: "0",
    id: "12345678-1234-1234-1234-123456789012",
    "detail-type": "CloudWatch Alarm State Change",
    source: "aws.cloudwatch",
    account: "123456789012",
    time: new Date(NOW).toISOString(),
    region: "eu-west-1",
    resources: [`arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${alarmName}`],
    detail: { alarmName, state: { value }, previousState: { value: "OK" } },
  });
}

export function sweep(at = NOW): string {
  const time = new Date(at).toISOString();
  return JSON.stringify({ "detail-type": "Scheduled Event", source: "aws.events", time, detail: {} });
}

export function check(until = NOW + 75 * S, service = SETTINGS.serviceName, outAt?: number): string {
  return JSON.stringify({ kind: "check", service, until, outAt });
}

/** A batch as Lambda gives it, its messages called m0, m1, … */
export function batchOf(...bodies: (string | null)[]): { Records: { messageId: string; body: string | null }[] } {
  return { Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })) };
}
