/** The simulated AWS: everything that was deployed, on one clock. */
import type { ScalableTarget } from "./applicationAutoScaling/scalableTarget";
import type { Group } from "./autoScaling/group";
import { Clock } from "./clock";
import type { AlarmAction } from "./cloudWatch/alarm";
import { Alarms } from "./cloudWatch/alarms";
import { FunctionMetrics } from "./cloudWatch/functionMetrics";
import { Metrics } from "./cloudWatch/metrics";
import { QueueMetrics } from "./cloudWatch/queueMetrics";
import { serviceMetrics } from "./cloudWatch/serviceMetrics";
import { ECS } from "./constants";
import { createContext, type Context } from "./context";
import { runAgents } from "./ecs/agent";
import type { Cluster } from "./ecs/cluster";
import { runNoticeScripts } from "./ecs/noticeScript";
import type { Task } from "./ecs/task";
import { Ec2 } from "./ec2/ec2";
import type { LaunchTemplate } from "./ec2/launchTemplate";
import { Parameters } from "./ec2/parameters";
import type { TargetGroup } from "./elb/targetGroup";
import { EventBus } from "./eventBridge";
import { noFaults, type Faults } from "./faults";
import type { Flags } from "./flags";
import type { LambdaFunction } from "./lambda/function";
import { EventLog, type LogSink } from "./log";
import type { Queue } from "./sqs/queue";
import { Topic } from "./topic";

export interface WorldOptions {
  readonly seed: number;
  readonly flags: Flags;
  readonly region: string;
  readonly account: string;
  readonly sink: LogSink | undefined;
}

/** An API call of a function, before anything looks at it. */
export interface InterceptedCall {
  readonly service: string;
  readonly command: string;
  readonly input: unknown;
  readonly functionName: string;
}

export class World {
  readonly clock = new Clock();
  readonly context: Context;
  readonly bus: EventBus;
  readonly ec2: Ec2;
  readonly parameters: Parameters;
  /** By id. */
  readonly launchTemplates = new Map<string, LaunchTemplate>();
  readonly groups = new Map<string, Group>();
  /** By name. */
  readonly clusters = new Map<string, Cluster>();
  /** By ARN. */
  readonly targetGroups = new Map<string, TargetGroup>();
  /** By URL. */
  readonly queues = new Map<string, Queue>();
  readonly functions: LambdaFunction[] = [];
  /** The ARN of the load balancer whose listeners forward to a target group, by that group's ARN. */
  readonly loadBalancers = new Map<string, string>();
  readonly metrics: Metrics;
  readonly alarms: Alarms;
  /** By resource id, `service/CLUSTER/SERVICE`. */
  readonly scalableTargets = new Map<string, ScalableTarget>();
  /** What alarms call, by ARN. */
  readonly scalingPolicies = new Map<string, AlarmAction>();
  /** What a task of a service without balancer uses of the CPU it reserves, in percent; undefined: as much as an idle one. */
  taskUtilization: ((task: Task) => number | undefined) | undefined;
  /** What such a task uses of its memory. */
  taskMemoryPercent: number = ECS.usedMemoryPercent;
  faults: Faults = noFaults;
  /** A function's call that changes something, and that the world has carried out. */
  readonly modified = new Topic<InterceptedCall>();
  /** What a test answers instead of the world; undefined: the world answers. */
  intercept: ((call: InterceptedCall) => object | undefined) | undefined;

  constructor(readonly options: WorldOptions) {
    this.context = createContext(this.clock, new EventLog(this.clock, options.sink), options.flags, options.seed);
    this.bus = new EventBus(this.context, options.region, options.account);
    this.metrics = new Metrics(this.context);
    this.measureServices();
    this.alarms = new Alarms({
      context: this.context,
      metrics: this.metrics,
      bus: this.bus,
      actionOf: (arn) => this.scalingPolicies.get(arn),
    });
    this.ec2 = new Ec2(this.context, this.bus);
    this.parameters = new Parameters(this.context, this.bus);
    runAgents(this.ec2, this.clusters, this.context);
    runNoticeScripts(this);
  }

  /** What AWS's services tell CloudWatch; of a balanced service, its traffic does. */
  private measureServices(): void {
    const functionMetrics = new FunctionMetrics();
    const queueMetrics = new QueueMetrics(this.context);
    const cpu = (task: Task): number => this.taskUtilization?.(task) ?? ECS.idleCpuPercent;
    this.metrics.addSource(() => [...this.queues.values()].flatMap((queue) => queueMetrics.of(queue)));
    this.metrics.addSource(() => this.functions.flatMap((fn) => functionMetrics.of(fn)));
    this.metrics.addSource(() =>
      [...this.clusters.values()].flatMap((cluster) =>
        [...cluster.services.values()]
          .filter(({ spec }) => spec.loadBalancers.length === 0)
          .flatMap((service) => serviceMetrics(cluster, service, { cpu, memoryPercent: this.taskMemoryPercent })),
      ),
    );
  }

  /** Everything goes wrong as often as `faults` draws it. */
  setFaults(faults: Faults): void {
    this.faults = faults;
    this.bus.faults = faults;
    for (const queue of this.queues.values()) queue.faults = faults;
    for (const fn of this.functions) fn.faults = faults;
    for (const cluster of this.clusters.values()) cluster.faults = faults;
  }

  run(untilMs: number, progress?: (now: number) => void): Promise<void> {
    return this.clock.runUntil(untilMs, everyHandlerWaits, progress);
  }
}

/** Resolves when no promise of a handler can go on: every microtask has run. */
function everyHandlerWaits(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
