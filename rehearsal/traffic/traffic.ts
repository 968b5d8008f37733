/** Sends a load to a service's target group and keeps what became of it. */
import type { LoadProfile } from "../inputs/load";
import type { ContainerProfile } from "../inputs/profile";
import type { Cluster } from "../world/ecs/cluster";
import type { Service } from "../world/ecs/service";
import type { Task } from "../world/ecs/task";
import type { Instance } from "../world/ec2/instance";
import type { TargetGroup } from "../world/elb/targetGroup";
import type { World } from "../world/world";
import { PRIORITY } from "../world/clock";
import { Flow } from "./flow";
import { RequestObjects } from "./requestObjects";
import { Routing } from "./routing";
import { Tally, type Shortage } from "./tally";
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
}

export class Traffic {
  readonly tally = new Tally();
  private rate = 0;
  private stale = true;
  private readonly routing: Routing;
  private readonly flow: Flow;
  private readonly objects: RequestObjects;
  private readonly objectShare: number;

  constructor(private readonly options: TrafficOptions) {
    const { world, service, targetGroup, profile, cluster, workload, shortage, exact } = options;
    const stream = (part: string) => world.context.random(`traffic/${service.spec.name}/${part}`);
    const objectSeconds = exact ? profile.requestSeconds : (profile.longRequests?.seconds ?? profile.requestSeconds);
    this.routing = new Routing(targetGroup, cluster, profile);
    this.objectShare = exact ? 1 : (profile.longRequests?.share ?? 0);
    const { tally, routing } = this;
    this.flow = new Flow(world.clock, profile, routing, stream("flow"), tally, shortage);
    this.objects = new RequestObjects(world.clock, objectSeconds, routing, stream("objects"), tally, shortage);
    workload.countInFlight((task) =>
      task.service === service ? Math.max(this.flow.drainMs(task), this.objects.drainMs(task)) : 0,
    );
    world.context.beforeChange.subscribe(() => this.beforeChange());
    targetGroup.unused.subscribe(({ instanceId, port }) => {
      const task = cluster.life.behind(instanceId, port);
      if (task?.service !== service) return;
      this.flow.kill(task, "drainTimeout");
      this.objects.kill(task, "drainTimeout");
    });
    cluster.life.exited.subscribe(({ task, exit }) => {
      if (task.service === service) this.onExit(task, exit === "finished" && profile.onSigterm === "finish");
    });
    world.ec2.ended.subscribe(({ id, interruption }) => {
      if (isSilent(interruption)) this.routing.loseWithoutNotice(id);
    });
    this.play();
  }

  /** Counts the rest; call it once at the end. */
  finish(): void {
    this.refresh();
    this.flow.settle();
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

  private onExit(task: Task, hasFinished: boolean): void {
    const cause =
      isSilent(task.instance?.ec2.interruption) && !this.options.world.ec2.living.has(task.instance!.ec2.id)
        ? "withoutNotice"
        : "killedInFlight";
    if (hasFinished) this.flow.forget(task);
    else this.flow.kill(task, cause);
    this.objects.kill(task, cause);
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
    this.flow.route(this.rate * (1 - this.objectShare));
    this.objects.route(this.rate * this.objectShare);
  }
}

const isSilent = (interruption: Instance["interruption"]): boolean =>
  interruption !== undefined && interruption.noticedAt === undefined;
