/** The simulated AWS: everything that was deployed, on one clock. */
import type { Group } from "./autoScaling/group";
import { Clock } from "./clock";
import { createContext, type Context } from "./context";
import { runAgents } from "./ecs/agent";
import type { Cluster } from "./ecs/cluster";
import { Ec2 } from "./ec2/ec2";
import type { TargetGroup } from "./elb/targetGroup";
import { EventBus } from "./eventBridge";
import { noFaults, type Faults } from "./faults";
import type { Flags } from "./flags";
import type { LambdaFunction } from "./lambda/function";
import { EventLog, type LogSink } from "./log";
import type { Queue } from "./sqs";

export interface WorldOptions {
  readonly seed: number;
  readonly flags: Flags;
  readonly region: string;
  readonly account: string;
  readonly sink: LogSink | undefined;
}

export class World {
  readonly clock = new Clock();
  readonly context: Context;
  readonly bus: EventBus;
  readonly ec2: Ec2;
  readonly groups = new Map<string, Group>();
  /** By name. */
  readonly clusters = new Map<string, Cluster>();
  /** By ARN. */
  readonly targetGroups = new Map<string, TargetGroup>();
  /** By URL. */
  readonly queues = new Map<string, Queue>();
  readonly functions: LambdaFunction[] = [];
  faults: Faults = noFaults;

  constructor(readonly options: WorldOptions) {
    this.context = createContext(this.clock, new EventLog(this.clock, options.sink), options.flags, options.seed);
    this.bus = new EventBus(this.context, options.region, options.account);
    this.ec2 = new Ec2(this.context, this.bus);
    runAgents(this.ec2, this.clusters, this.context);
  }

  /** Everything goes wrong as often as `faults` draws it. */
  setFaults(faults: Faults): void {
    this.faults = faults;
    this.bus.faults = faults;
    for (const fn of this.functions) fn.faults = faults;
  }

  run(untilMs: number, progress?: (now: number) => void): Promise<void> {
    return this.clock.runUntil(untilMs, everyHandlerWaits, progress);
  }
}

/** Resolves when no promise of a handler can go on: every microtask has run. */
function everyHandlerWaits(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
