/** What a look of the scale-in function's emitted text costs as the service grows, and its calls by ECS's rate limits. */
import vm from "node:vm";
import * as pulumi from "@pulumi/pulumi";
import { cpuTimes, warmMedian } from "./cpu";
import { scaleInCallback } from "../functions/scaleIn/callback";
import { aimOf, planScaleIn } from "../functions/scaleIn/plan";
import { readSettings } from "../functions/scaleIn/settings";
import type { ScaleInState } from "../functions/scaleIn/state";
import { planRetire } from "../functions/retire/plan";
import type { TaskState } from "../functions/retire/state";
import { MARK_TAG } from "../functions/tags";

export interface ScaleInFigure {
  readonly tasks: number;
  readonly instances: number;
  /** Median CPU milliseconds of the two plans alone. */
  readonly planMs: number;
  readonly choosing: Look;
  /** Of the look that stops what has settled and lowers the desired count. */
  readonly stopping: Look;
}

interface Look {
  /** Median CPU milliseconds of a warm invocation, all calls answered at once. */
  readonly cpuMs: number;
  /** Calls by rate limit. */
  readonly calls: Readonly<Record<string, number>>;
}

type Handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<unknown>;

const RUNS = 30;
const TASKS_PER_INSTANCE = 4;
const NOW = Date.now();
const CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop";
const GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/api/0123456789abcdef";

/** Burst and refill per second of ECS's rate limits, by account and Region.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html */
const LIMITS: Readonly<Record<string, string>> = {
  "cluster read": "100/20",
  "cluster modify": "100/40",
  "task protection": "200/80",
  tags: "20/10",
  "service read": "100/20",
  "service modify": "50/5",
};

const LIMIT_OF: Readonly<Record<string, string>> = {
  listTasks: "cluster read",
  describeTasks: "cluster read",
  describeContainerInstances: "cluster read",
  getTaskProtection: "task protection",
  stopTask: "cluster modify",
  tagResource: "tags",
  untagResource: "tags",
  describeServices: "service read",
  updateService: "service modify",
};

const ENVIRONMENT = {
  CLUSTER_ARN: CLUSTER,
  SERVICE_NAME: "api",
  QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/api-scale-in",
  TARGET_GROUP_ARNS: JSON.stringify([GROUP]),
  LOW_ALARM_NAME: "api-few-requests",
  SCALE_OUT_ALARM_NAMES: "[]",
  LOAD_METRICS: JSON.stringify([
    {
      namespace: "AWS/ApplicationELB",
      metricName: "RequestCount",
      dimensions: { TargetGroup: "targetgroup/api/0123456789abcdef" },
      stat: "Sum",
    },
  ]),
  TIERS: JSON.stringify([{ below: 100, remove: 16 }]),
  TIERS_PER: "service",
  MOST_SHARE_PERCENT: "50",
  CHECK_INTERVAL_SECONDS: "5",
  HEALTH_CHECK_SECONDS: "10",
  SETTLE_SECONDS: "10",
  WORK_PATIENCE_SECONDS: "0",
};
const SETTINGS = readSettings(ENVIRONMENT);

/** Measures at 10, 100 and 1,000 tasks, and prints milliseconds and calls. */
export async function benchScaleIn(
  print: (line: string) => void = console.log,
  sizes: readonly number[] = [10, 100, 1000],
): Promise<ScaleInFigure[]> {
  const options = { exportName: "handler", isFactoryFunction: true };
  const { text } = await pulumi.runtime.serializeFunction(scaleInCallback, options);
  const figures: ScaleInFigure[] = [];
  for (const tasks of sizes) figures.push(await measure(text, tasks));
  for (const { tasks, instances, planMs, choosing, stopping } of figures) {
    const columns = [
      `scale-in, ${String(tasks).padStart(5)} tasks on ${String(instances).padStart(3)} instances`,
      `plans ${planMs.toFixed(2).padStart(5)} ms CPU`,
      `a look that chooses ${choosing.cpuMs.toFixed(2).padStart(6)} ms`,
      `one that stops ${stopping.cpuMs.toFixed(2).padStart(6)} ms`,
    ];
    print(columns.join("  "));
    const calls = Object.entries(LIMITS).map(([limit, rate]) => {
      return `${limit} (${rate}) ${choosing.calls[limit] ?? 0} and ${stopping.calls[limit] ?? 0}`;
    });
    print(`  calls, by limit (burst/refill per second): ${calls.join(", ")}`);
  }
  return figures;
}

async function measure(text: string, count: number): Promise<ScaleInFigure> {
  const choosing = stateOf(count, false);
  const stopping = stateOf(count, true);
  return {
    tasks: count,
    instances: Math.ceil(count / TASKS_PER_INSTANCE),
    planMs: await median(() => {
      planScaleIn(choosing, SETTINGS, NOW);
      planRetire(stopping, aimOf(stopping), SETTINGS, NOW);
    }),
    choosing: await measureLook(text, choosing, false),
    stopping: await measureLook(text, stopping, true),
  };
}

async function measureLook(text: string, state: ScaleInState, isMarked: boolean): Promise<Look> {
  const made = new Map<string, number>();
  const handler = load(text, state, made);
  const event = batch(isMarked);
  const cpuMs = await median(() => handler(event, { getRemainingTimeInMillis: () => 25_000 }));
  const calls: Record<string, number> = {};
  for (const [command, times] of made) {
    const limit = LIMIT_OF[command];
    if (limit !== undefined) calls[limit] = (calls[limit] ?? 0) + times / RUNS;
  }
  return { cpuMs, calls };
}

const median = async (run: () => unknown): Promise<number> => warmMedian(await cpuTimes(RUNS, run));

const arnOf = (n: number): string => `${CLUSTER}/task/${String(n).padStart(6, "0")}`;
const instanceOf = (n: number): number => Math.floor(n / TASKS_PER_INSTANCE);
const zoneOf = (n: number): string => `eu-west-1${"abc"[instanceOf(n) % 3]}`;

/** Up to 16 tasks have been marked for long enough, or none. */
function stateOf(count: number, isRetiring: boolean): ScaleInState {
  const tasks = Array.from({ length: count }, (_, n): TaskState => {
    const isMarked = isRetiring && n < Math.min(16, count / 2);
    const target = { targetGroupArn: GROUP, instanceId: `i-${instanceOf(n)}`, port: 32768 + n };
    return {
      arn: arnOf(n),
      lastStatus: "RUNNING",
      zone: zoneOf(n),
      instanceArn: `${CLUSTER}/container-instance/${instanceOf(n)}`,
      targets: [{ ...target, health: isMarked ? "draining" : "healthy" }],
      protectedUntil: 0,
      markedAt: isMarked ? NOW - 60_000 : undefined,
    };
  });
  const arns = [...new Set(tasks.map((task) => task.instanceArn ?? ""))];
  return {
    service: { desiredCount: count, runningCount: count, pendingCount: 0, isDeploying: false },
    tasks,
    instances: new Map(arns.map((arn) => [arn, { arn, status: "ACTIVE", taskCount: TASKS_PER_INSTANCE }])),
    alarms: { low: "ALARM", scaleOut: [] },
    bounds: { minCount: 1, isSuspended: false },
    load: 0,
    outAt: NOW,
  };
}

function batch(isMarked: boolean): { Records: { messageId: string; body: string }[] } {
  const alarm = {
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    detail: { alarmName: SETTINGS.lowAlarmName, state: { value: "ALARM" } },
  };
  const body = isMarked ? { kind: "check", service: "api", until: NOW } : alarm;
  return { Records: [{ messageId: "m", body: JSON.stringify(body) }] };
}

/** The handler in an environment of its own, with every call answered at once and counted. */
function load(text: string, state: ScaleInState, made: Map<string, number>): Handler {
  const answers = new Map(Object.entries(answersOf(state)));
  const get = (_target: object, command: string) => (input: Input) => {
    made.set(command, (made.get(command) ?? 0) + 1);
    return Promise.resolve(answers.get(command)?.(input) ?? {});
  };
  const client = new Proxy({}, { get });
  const Client = function (): object {
    return client;
  };
  const module = { exports: {} as { handler: Handler } };
  const sdk = new Proxy({}, { get: () => Client });
  const parameters = ["exports", "require", "module", "process", "console"];
  const run = vm.compileFunction(text, parameters) as (...given: unknown[]) => void;
  run(module.exports, () => sdk, module, { env: ENVIRONMENT }, { log: () => undefined });
  return module.exports.handler;
}

interface Input {
  readonly nextToken?: string;
  readonly tasks?: readonly string[];
  readonly containerInstances?: readonly string[];
}

function answersOf({ tasks, service }: ScaleInState): Record<string, (input: Input) => object> {
  const arns = tasks.map((task) => task.arn);
  const byArn = new Map(tasks.map((task) => [task.arn, task]));
  return {
    describeAlarms: () => ALARMS,
    getMetricData: () => ({ MetricDataResults: [{ Id: "load0", Values: [0] }] }),
    describeScalableTargets: () => ({ ScalableTargets: [{ MinCapacity: 1 }] }),
    describeServices: () => ({ services: [{ ...service, loadBalancers: [BALANCER] }] }),
    listTasks: ({ nextToken = "0" }) => {
      const end = Number(nextToken) + 100;
      return { taskArns: arns.slice(end - 100, end), nextToken: end < arns.length ? String(end) : undefined };
    },
    describeTasks: (input) => ({ tasks: (input.tasks ?? []).map((arn) => described(byArn.get(arn))) }),
    describeContainerInstances: ({ containerInstances = [] }) => ({
      containerInstances: containerInstances.map((containerInstanceArn) => ({
        containerInstanceArn,
        ec2InstanceId: `i-${containerInstanceArn.slice(containerInstanceArn.lastIndexOf("/") + 1)}`,
        status: "ACTIVE",
        runningTasksCount: TASKS_PER_INSTANCE,
      })),
    }),
    getTaskProtection: (input) => ({
      protectedTasks: (input.tasks ?? []).map((taskArn) => ({ taskArn, protectionEnabled: false })),
    }),
    describeTargetHealth: () => ({
      TargetHealthDescriptions: tasks.map(({ targets }) => ({
        Target: { Id: targets?.[0]?.instanceId, Port: targets?.[0]?.port },
        TargetHealth: { State: targets?.[0]?.health },
      })),
    }),
  };
}

const ALARMS = { MetricAlarms: [{ AlarmName: SETTINGS.lowAlarmName, StateValue: "ALARM" }] };
const BALANCER = { targetGroupArn: GROUP, containerName: "web", containerPort: 3000 };

function described(task: TaskState | undefined): object {
  const networkBindings = [{ containerPort: 3000, hostPort: task?.targets?.[0]?.port }];
  return {
    taskArn: task?.arn,
    lastStatus: "RUNNING",
    desiredStatus: "RUNNING",
    availabilityZone: task?.zone,
    containerInstanceArn: task?.instanceArn,
    containers: [{ name: "web", networkBindings }],
    tags: task?.markedAt === undefined ? [] : [{ key: MARK_TAG, value: new Date(task.markedAt).toISOString() }],
  };
}

if (require.main === module) void benchScaleIn();
