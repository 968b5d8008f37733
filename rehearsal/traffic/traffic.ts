/** Sends a load to a service's target group and keeps what became of it. */
import type { TaskProtection } from "../../runtime/workProtection";
import { DEFAULT_TIMES } from "../../runtime/protectionOptions";
import type { LoadProfile } from "../inputs/load";
import type { ContainerProfile } from "../inputs/profile";
import { PRIORITY } from "../world/clock";
import type { MetricDatum } from "../world/cloudWatch/metric";
import type { Random } from "../world/context";
import type { Cluster } from "../world/ecs/cluster";
import type { Service } from "../world/ecs/service";
import type { Task } from "../world/ecs/task";
import type { TargetGroup } from "../world/elb/targetGroup";
import type { World } from "../world/world";
import { causeOf, isSilent } from "./cut";
import { drawDurations } from "./durations";
import { Flow } from "./flow";
import { closingShare } from "./keepAlive";
import { ProtectedTasks } from "./protectedTasks";
import { RequestObjects } from "./requestObjects";
import { Retries } from "./retries";
import { Routing } from "./routing";
import { Runs } from "./runs";
import { Tally, type Shortage } from "./tally";
import { TrafficMetrics } from "./trafficMetrics";
import type { ContainerWorkload } from "./workload";

export interface TrafficOptions {
  readonly world: World;
  readonly cluster: Cluster;
  readonly service: Service;
  readonly targetGroup: TargetGroup;
  readonly profile: ContainerProfile;
  readonly workload: ContainerWorkload;
  readonly load: LoadProfile;
  /** Every request an object of its own, for tests that hold the flow against it. */
  readonly exact: boolean;
  readonly shortage: () => Shortage;
  /** Told how many targets answer whenever that may have changed. */
  readonly onServing: (count: number) => void;
  /** How a task's container reaches ECS, where it protects its work. @default through the agent */
  readonly protectionOf?: (task: Task) => TaskProtection;
}

export class Traffic {
  readonly tally = new Tally();
  private rate = 0;
  private stale = true;
  private readonly routing: Routing;
  private readonly retries: Retries;
  private readonly flow: Flow;
  private readonly objects: RequestObjects;
  private readonly objectShare: number;
  private readonly protectedTasks: ProtectedTasks | undefined;
  private readonly runs: Runs | undefined;
  private readonly metrics: TrafficMetrics;

  constructor(private readonly options: TrafficOptions) {
    const { world, cluster, targetGroup, profile, exact, shortage } = options;
    const { clock } = world;
    const { tally } = this;
    const busyUnits = (task: Task): number => this.busyUnits(task);
    this.routing = new Routing(targetGroup, cluster, profile, busyUnits);
    const { routing } = this;
    this.retries = new Retries(profile.clientRetries, clock, () => routing.servedShare, this.stream("retries"), tally);
    const shared = { clock, routing, tally, retries: this.retries, shortage };
    this.flow = new Flow({ ...shared, profile, random: this.stream("flow") });
    this.objectShare = exact ? 1 : (profile.longRequests?.share ?? 0);
    if (profile.protectsWork) this.protectedTasks = new ProtectedTasks({ ...options, context: world.context });
    this.runs = this.makeRuns();
    this.objects = new RequestObjects({
      ...shared,
      random: this.stream("objects"),
      duration: durations(profile, exact, this.stream("objects")),
      closingShare: closingShare(profile),
      begin: (task) => this.protectedTasks?.begin(task),
      beforeOpen: (task, count) => this.beforeOpen(task, count),
    });
    const counted = { routing, flow: this.flow, objects: this.objects, retries: this.retries, busyUnits };
    this.metrics = new TrafficMetrics({ ...options, ...counted, random: this.stream("metrics") });
    this.subscribe();
    this.play();
  }

  /** In the exact mode every request is a unit of its own. */
  private makeRuns(): Runs | undefined {
    const { world, profile, exact } = this.options;
    const { protectedTasks } = this;
    if (protectedTasks === undefined || exact) return undefined;
    return new Runs({
      clock: world.clock,
      random: this.stream("runs"),
      requestSeconds: profile.requestSeconds,
      idleSeconds: DEFAULT_TIMES.idleSeconds,
      begin: (task) => protectedTasks.begin(task),
    });
  }

  private stream(part: string) {
    return this.options.world.context.random(`traffic/${this.options.service.spec.name}/${part}`);
  }

  private subscribe(): void {
    const { world, cluster, service, targetGroup, profile, workload } = this.options;
    workload.countInFlight((task) =>
      task.service === service ? Math.max(this.flow.drainMs(task), this.objects.drainMs(task)) : 0,
    );
    world.context.beforeChange.subscribe(() => this.beforeChange());
    targetGroup.unused.subscribe(({ instanceId, port }) => {
      const task = cluster.life.behind(instanceId, port);
      if (task?.service === service) this.cut(task, "drainTimeout", false);
    });
    cluster.life.exited.subscribe(({ task, exit }) => {
      if (task.service !== service) return;
      this.cut(task, "killedInFlight", exit === "finished" && profile.onSigterm === "finish");
      this.runs?.forget(task);
    });
    world.ec2.ended.subscribe(({ id, interruption }) => {
      if (isSilent(interruption)) this.routing.loseWithoutNotice(id);
    });
  }

  get requestsPerSecond(): number {
    return this.rate;
  }

  /** What CloudWatch is told of the minute that ends. */
  observe(): MetricDatum[] {
    this.refresh();
    this.flow.settle();
    return this.metrics.observe();
  }

  /** From now on it counts: what was before is forgotten. */
  startCounting(): void {
    this.refresh();
    this.flow.settle();
    this.retries.clear();
    this.tally.clear();
    this.options.onServing(this.routing.answering);
  }

  /** Counts the rest; call it once at the end. */
  finish(): void {
    this.refresh();
    this.flow.settle();
    this.retries.finish();
  }

  private play(): void {
    const { load, world } = this.options;
    const step = (index: number): void => {
      const each = load.steps[index];
      if (each === undefined) return;
      world.clock.at(
        each.atMs,
        () => {
          this.beforeChange();
          this.rate = each.requestsPerSecond;
          step(index + 1);
        },
        PRIORITY.observe,
      );
    };
    step(0);
  }

  /** What a task works on is lost, but for the short requests of a container that has finished them. */
  private cut(task: Task, otherwise: "killedInFlight" | "drainTimeout", hasFinished: boolean): void {
    const cause = causeOf(task, !this.options.world.ec2.living.has(task.instance!.ec2.id), otherwise);
    if (hasFinished) this.flow.forget(task);
    else this.flow.kill(task, cause());
    this.objects.kill(task, cause);
  }

  private unitsOf(count: number): number {
    return this.options.exact ? 0 : count * (this.options.profile.longRequests?.cpuUnits ?? 0);
  }

  private busyUnits(task: Task): number {
    return this.unitsOf(this.objects.openOn(task));
  }

  /** Long requests take CPU from the short ones; that is a change only where those feel it. */
  private beforeOpen(task: Task, count: number): void {
    const units = this.unitsOf(count);
    if (units === this.busyUnits(task)) return;
    if (this.routing.binds(task, units, this.rate)) this.beforeChange();
  }

  /** Settles what was; whom requests go to is looked up when the first event after the change has run. */
  private beforeChange(): void {
    this.refresh();
    this.flow.settle();
    if (this.stale) return;
    this.stale = true;
    this.options.world.clock.after(0, () => this.refresh(), PRIORITY.observe);
  }

  private refresh(): void {
    if (!this.stale) return;
    this.stale = false;
    this.routing.refresh(this.rate);
    this.options.onServing(this.routing.answering);
    const flowRate = this.rate * (1 - this.objectShare);
    this.flow.route(flowRate);
    this.objects.route(this.rate * this.objectShare);
    this.runs?.route(new Set(this.routing.serving()), flowRate / this.routing.routed.length);
  }
}

/** In the exact mode the short ones are objects as well. */
function durations(profile: ContainerProfile, exact: boolean, random: Random): () => number {
  const { longRequests, requestSeconds } = profile;
  const short = drawDurations({ seconds: requestSeconds }, random);
  if (longRequests === undefined) return short;
  const long = drawDurations(longRequests, random);
  return exact ? () => (random() < longRequests.share ? long() : short()) : long;
}
