/** What a look of the scale-in function costs as the service grows: its plans' CPU, and its calls by ECS's rate limits. */
import { choose } from "../functions/scaleIn/choice";
import { handleScaleIn, type ScaleInPorts } from "../functions/scaleIn/handler";
import { aimOf, planScaleIn } from "../functions/scaleIn/plan";
import { readSettings } from "../functions/scaleIn/settings";
import type { ScaleInState } from "../functions/scaleIn/state";
import { planRetire } from "../functions/retire/plan";
import { MARK_TAG, type TaskState } from "../functions/retire/state";

export interface ScaleInFigure {
  readonly tasks: number;
  readonly instances: number;
  /** Median CPU milliseconds of choosing, with a whole tier. */
  readonly chooseMs: number;
  /** Of planning the last step, with all survivors protected. */
  readonly retireMs: number;
  /** Of a whole look that chooses, reads answered at once. */
  readonly lookMs: number;
  /** Calls by rate limit, of a look that chooses and of the one that lowers the desired count. */
  readonly choosing: Readonly<Record<string, number>>;
  readonly lowering: Readonly<Record<string, number>>;
}

const RUNS = 30;
const TASKS_PER_INSTANCE = 4;
const NOW = Date.UTC(2026, 0, 1);
const CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop";
const GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/api/0123456789abcdef";

/** Burst and refill per second of ECS's rate limits, by account and Region.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html */
const LIMITS: Readonly<Record<string, string>> = {
  "cluster read": "100/20",
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
  updateTaskProtection: "task protection",
  tagResource: "tags",
  untagResource: "tags",
  describeServices: "service read",
  updateService: "service modify",
};

const SETTINGS = readSettings({
  CLUSTER_ARN: CLUSTER,
  SERVICE_NAME: "api",
  QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/api-scale-in",
  TARGET_GROUP_ARNS: JSON.stringify([GROUP]),
  LOW_ALARM_NAME: "api-few-requests",
  SCALE_OUT_ALARM_NAMES: "[]",
  REQUESTS_METRIC: JSON.stringify({
    namespace: "AWS/ApplicationELB",
    metricName: "RequestCount",
    dimensions: { TargetGroup: "targetgroup/api/0123456789abcdef" },
    stat: "Sum",
  }),
  TIERS: JSON.stringify([{ below: 100, remove: 16 }]),
  TIERS_PER: "service",
  MOST_SHARE_PERCENT: "50",
  CHECK_INTERVAL_SECONDS: "5",
  SETTLE_SECONDS: "10",
  WORK_PATIENCE_SECONDS: "0",
});

/** Measures at 10, 100 and 1,000 tasks, and prints milliseconds and calls. */
export async function benchScaleIn(
  print: (line: string) => void = console.log,
  sizes: readonly number[] = [10, 100, 1000],
): Promise<ScaleInFigure[]> {
  const figures: ScaleInFigure[] = [];
  for (const tasks of sizes) figures.push(await measure(tasks));
  for (const { tasks, instances, chooseMs, retireMs, lookMs, choosing, lowering } of figures) {
    const columns = [
      `scale-in, ${String(tasks).padStart(5)} tasks on ${String(instances).padStart(3)} instances`,
      `${chooseMs.toFixed(2).padStart(6)} ms choosing`,
      `${retireMs.toFixed(2).padStart(6)} ms retiring`,
      `${lookMs.toFixed(2).padStart(6)} ms a look`,
    ];
    print(columns.join("  "));
    const calls = Object.keys(LIMITS).map((limit) => `${limit} ${choosing[limit] ?? 0}, ${lowering[limit] ?? 0}`);
    print(`  calls of a look that chooses, and of one that lowers: ${calls.join("; ")}`);
  }
  const limits = Object.entries(LIMITS).map(([limit, rate]) => `${limit} ${rate}`);
  print(`  ECS's limits, burst/refill per second: ${limits.join("; ")}`);
  return figures;
}

async function measure(count: number): Promise<ScaleInFigure> {
  const instances = Math.ceil(count / TASKS_PER_INSTANCE);
  const choosing = stateOf(count, () => undefined);
  const marked = stateOf(count, (n) => (n < Math.min(16, count / 2) ? NOW - 60_000 : undefined));
  const aim = aimOf(marked);
  const calls = async (isMarked: boolean): Promise<Record<string, number>> => {
    const made = new Map<string, number>();
    await handleScaleIn(batch(isMarked), SETTINGS, ports(count, isMarked, made), 25_000);
    const byLimit: Record<string, number> = {};
    for (const [command, times] of made) {
      const limit = LIMIT_OF[command];
      if (limit !== undefined) byLimit[limit] = (byLimit[limit] ?? 0) + times;
    }
    return byLimit;
  };
  return {
    tasks: count,
    instances,
    chooseMs: await median(() => {
      planScaleIn(choosing, SETTINGS, NOW);
      choose(choosing, 1, { takesWorking: true, now: NOW });
    }),
    retireMs: await median(() => planRetire(marked, aim, SETTINGS, NOW)),
    lookMs: await median(() => handleScaleIn(batch(false), SETTINGS, ports(count, false, new Map()), 25_000)),
    choosing: await calls(false),
    lowering: await calls(true),
  };
}

async function median(run: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < RUNS; n++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  const warm = times.slice(RUNS / 3).sort((a, b) => a - b);
  return warm[Math.floor(warm.length / 2)] ?? 0;
}

const arnOf = (n: number): string => `${CLUSTER}/task/${String(n).padStart(6, "0")}`;
const instanceOf = (n: number): number => Math.floor(n / TASKS_PER_INSTANCE);
const zoneOf = (n: number): string => `eu-west-1${"abc"[instanceOf(n) % 3]}`;

function stateOf(count: number, markedAt: (n: number) => number | undefined): ScaleInState {
  const tasks = Array.from({ length: count }, (_, n): TaskState => {
    const isMarked = markedAt(n) !== undefined;
    const target = { targetGroupArn: GROUP, instanceId: `i-${instanceOf(n)}`, port: 32768 + n };
    return {
      arn: arnOf(n),
      lastStatus: "RUNNING",
      zone: zoneOf(n),
      instanceArn: `${CLUSTER}/container-instance/${instanceOf(n)}`,
      targets: [{ ...target, health: isMarked ? "draining" : "healthy" }],
      protectedUntil: 0,
      markedAt: markedAt(n),
    };
  });
  const arns = [...new Set(tasks.map((task) => task.instanceArn ?? ""))];
  return {
    service: { desiredCount: count, runningCount: count, pendingCount: 0, isDeploying: false },
    tasks,
    instances: new Map(arns.map((arn) => [arn, { arn, status: "ACTIVE", taskCount: TASKS_PER_INSTANCE }])),
    alarms: { low: "ALARM", scaleOut: [] },
    bounds: { minCount: 1, isSuspended: false },
    requests: 0,
  };
}

function batch(isMarked: boolean): { Records: { messageId: string; body: string }[] } {
  const alarm = {
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    detail: { alarmName: SETTINGS.lowAlarmName, state: { value: "ALARM" } },
  };
  const body = isMarked ? { kind: "check", service: "api", until: NOW + 60_000 } : alarm;
  return { Records: [{ messageId: "m", body: JSON.stringify(body) }] };
}

/** Every answer of `count` tasks, of which up to 16 have been marked for long; calls are counted. */
function ports(count: number, isMarked: boolean, made: Map<string, number>): ScaleInPorts {
  const state = stateOf(count, (n) => (isMarked && n < Math.min(16, count / 2) ? NOW - 60_000 : undefined));
  const arns = state.tasks.map((task) => task.arn);
  const byArn = new Map(state.tasks.map((task) => [task.arn, task]));
  const answers = new Map<string, (input: Input) => object>(Object.entries(answersOf(state, arns, byArn)));
  const client = new Proxy(
    {},
    {
      get: (_target, command: string) => (input: Input) => {
        made.set(command, (made.get(command) ?? 0) + 1);
        return Promise.resolve(answers.get(command)?.(input) ?? {});
      },
    },
  );
  const names = ["ecs", "elbv2", "cloudWatch", "applicationAutoScaling", "sqs"];
  return {
    ...Object.fromEntries(names.map((name) => [name, client])),
    now: () => NOW,
    random: () => 0,
    sleep: () => Promise.resolve(),
    log: () => undefined,
  } as unknown as ScaleInPorts;
}

interface Input {
  readonly nextToken?: string;
  readonly tasks?: readonly string[];
  readonly containerInstances?: readonly string[];
}

function answersOf(
  { tasks, service }: ScaleInState,
  arns: readonly string[],
  byArn: ReadonlyMap<string, TaskState>,
): Record<string, (input: Input) => object> {
  const protectedArns = new Set<string>();
  const expirationDate = new Date(NOW + 300_000);
  return {
    describeAlarms: () => ({ MetricAlarms: [{ AlarmName: SETTINGS.lowAlarmName, StateValue: "ALARM" }] }),
    getMetricData: () => ({ MetricDataResults: [{ Values: [0] }] }),
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
      protectedTasks: (input.tasks ?? []).map((taskArn) =>
        protectedArns.has(taskArn)
          ? { taskArn, protectionEnabled: true, expirationDate }
          : { taskArn, protectionEnabled: false },
      ),
    }),
    updateTaskProtection: (input) => {
      for (const arn of input.tasks ?? []) protectedArns.add(arn);
      return {};
    },
    describeTargetHealth: () => ({
      TargetHealthDescriptions: tasks.map(({ targets }) => ({
        Target: { Id: targets?.[0]?.instanceId, Port: targets?.[0]?.port },
        TargetHealth: { State: targets?.[0]?.health },
      })),
    }),
  };
}

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
