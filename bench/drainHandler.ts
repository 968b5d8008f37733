/** CPU of the drain handler's emitted text for one noticed instance among many, as Lambda would run it. */
import vm from "node:vm";
import * as pulumi from "@pulumi/pulumi";
import { cpuTimes, warmMedian } from "./cpu";
import { drainCallback } from "../functions/drain/callback";

export interface DrainHandlerFigure {
  readonly instances: number;
  /** Median CPU milliseconds of a warm invocation. */
  readonly cpuMs: number;
  /** Of the first invocation in a fresh environment, before anything is compiled. */
  readonly firstCpuMs: number;
}

type Handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<unknown>;

const TASKS_PER_INSTANCE = 10;
const RUNS = 60;
const CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop";
const GROUP = "shop-group";
const TARGET_GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef";

const idOf = (n: number): string => `i-${n.toString(16).padStart(17, "0")}`;

/** Measures at 1, 100 and 1,000 instances, and prints milliseconds and their ratio to the smallest. */
export async function benchDrainHandler(
  print: (line: string) => void = console.log,
  sizes: readonly number[] = [1, 100, 1000],
): Promise<DrainHandlerFigure[]> {
  const options = { exportName: "handler", isFactoryFunction: true };
  const { text } = await pulumi.runtime.serializeFunction(drainCallback, options);
  const figures: DrainHandlerFigure[] = [];
  for (const instances of sizes) figures.push(await measure(text, instances));
  for (const { instances, cpuMs, firstCpuMs } of figures) {
    const ratio = cpuMs / (figures[0]?.cpuMs ?? cpuMs);
    const columns = [
      `drain handler, 1 noticed of ${String(instances).padStart(5)} instances`,
      `${cpuMs.toFixed(2).padStart(7)} ms CPU`,
      `×${ratio.toFixed(1)}`.padStart(7),
      `first invocation ${firstCpuMs.toFixed(2)} ms`,
    ];
    print(columns.join("  "));
  }
  return figures;
}

async function measure(text: string, instances: number): Promise<DrainHandlerFigure> {
  const handler = load(text, prepareAnswers(instances));
  const times = await cpuTimes(RUNS, () => {
    const event = { Records: [{ messageId: "m", body: notice(idOf(0)) }] };
    return handler(event, { getRemainingTimeInMillis: () => 25_000 });
  });
  return { instances, cpuMs: warmMedian(times), firstCpuMs: times[0] ?? 0 };
}

/** Every answer is made before the clock starts, so that the fakes cost a property look-up and a resolved promise. */
function prepareAnswers(instances: number): Readonly<Record<string, object>> {
  const taskArns = Array.from({ length: TASKS_PER_INSTANCE }, (_, n) => `${CLUSTER}/task/${n}`);
  const noticed = { InstanceId: idOf(0), AutoScalingGroupName: GROUP, LifecycleState: "InService" };
  return {
    listContainerInstances: { containerInstanceArns: [`${CLUSTER}/container-instance/0`] },
    listDraining: { containerInstanceArns: [] },
    describeContainerInstances: { containerInstances: [] },
    describeAutoScalingInstances: { AutoScalingInstances: [noticed] },
    listServices: { serviceArns: [`${CLUSTER}/service/web`] },
    describeServices: { services: [{ serviceName: "web", loadBalancers: [{ targetGroupArn: TARGET_GROUP }] }] },
    listTasks: { taskArns },
    describeTasks: { tasks: taskArns.map(task) },
    describeTargetHealth: { TargetHealthDescriptions: targets(instances) },
  };
}

function task(taskArn: string, n: number): object {
  const containers = [{ networkBindings: [{ hostPort: 32768 + n }] }];
  return { taskArn, group: "service:web", lastStatus: "RUNNING", desiredStatus: "RUNNING", containers };
}

function targets(instances: number): object[] {
  return Array.from({ length: instances * TASKS_PER_INSTANCE }, (_, n) => ({
    Target: { Id: idOf(Math.floor(n / TASKS_PER_INSTANCE)), Port: 32768 + (n % TASKS_PER_INSTANCE) },
    TargetHealth: { State: "healthy" },
  }));
}

function notice(instanceId: string): string {
  return JSON.stringify({
    source: "aws.ec2",
    "detail-type": "EC2 Spot Instance Interruption Warning",
    time: new Date().toISOString(),
    detail: { "instance-id": instanceId, "instance-action": "terminate" },
  });
}

function load(text: string, answers: Readonly<Record<string, object>>): Handler {
  const nothing = {};
  const answer = (command: string) => (input: { status?: string }) => {
    const isDraining = command === "listContainerInstances" && input.status !== undefined;
    return Promise.resolve(answers[isDraining ? "listDraining" : command] ?? nothing);
  };
  const client = new Proxy<Record<string, unknown>>(
    {},
    {
      get: (known, command: string) => (known[command] ??= answer(command)),
    },
  );
  const Client = function (): object {
    return client;
  };
  const environment = {
    CLUSTER_ARN: CLUSTER,
    AUTO_SCALING_GROUP_NAME: GROUP,
    QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-events",
    REPLACEMENT: "detach",
    STOP_TIMEOUT_SECONDS: "60",
    CHECK_INTERVAL_SECONDS: "5",
  };
  const module = { exports: {} as { handler: Handler } };
  const sdk = new Proxy({}, { get: () => Client });
  const parameters = ["exports", "require", "module", "process", "console"];
  const run = vm.compileFunction(text, parameters) as (...given: unknown[]) => void;
  run(module.exports, () => sdk, module, { env: environment }, { log: () => undefined });
  return module.exports.handler;
}

if (require.main === module) void benchDrainHandler();
