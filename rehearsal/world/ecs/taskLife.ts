/** A task's way from its placement to its end, and what the container's process does meanwhile. */
import type { Context } from "../context";
import { PRIORITY, type Timer } from "../clock";
import { ECS } from "../constants";
import { keyOf, type Target } from "../elb/target";
import type { TargetGroup } from "../elb/targetGroup";
import { History } from "../history";
import { Topic } from "../topic";
import { pullImages, type ContainerInstance } from "./containerInstance";
import { stopTimeoutMs } from "./spec";
import type { Exit, StopCause, Task } from "./task";

/** What a user's container does, as its profile says. */
export interface Workload {
  /** From the container's start to its first answer, in milliseconds. */
  startMs(task: Task): number;
  /** From SIGTERM to its own exit; undefined where it ignores the signal, or ends whenever it is done ({@link TaskLife.exit}). */
  exitAfterSigtermMs(task: Task): number | undefined;
  /** Whether it goes on taking new requests after SIGTERM. */
  readonly acceptsAfterSigterm: boolean;
}

/** Who stops a task: the service scheduler, or a StopTask call. */
export type Stopper = "scheduler" | "api";

/** A task as ECS tells of it. */
export interface TaskState {
  readonly lastStatus: Task["lastStatus"];
  readonly desiredStatus: Task["desiredStatus"];
  readonly instance: ContainerInstance | undefined;
  readonly tags: Task["tags"];
}

interface Wait {
  readonly by: Stopper;
  readonly targets: Set<string>;
}

const FIRST_HOST_PORT = 32768;

export class TaskLife {
  /** A container's process begins to serve. */
  readonly serving = new Topic<Task>();
  /** A task begins to stop; `caller`: whose StopTask it was. */
  readonly stopping = new Topic<{ readonly task: Task; readonly by: Stopper; readonly caller: string | undefined }>();
  /** SIGTERM reaches the container. */
  readonly signalled = new Topic<{ readonly task: Task; readonly by: Stopper; readonly targetsDrained: boolean }>();
  readonly exited = new Topic<{ readonly task: Task; readonly exit: Exit }>();
  /** What ECS says of a task changed. */
  readonly changed = new Topic<Task>();
  /** States of the last moments, for stale reads. */
  readonly states = new History<Task, TaskState>();
  private readonly timers = new Map<Task, Timer>();
  /** Tasks that wait for their targets' deregistration, by target and by task. */
  private readonly waitsFor = new Map<string, Task>();
  private readonly waits = new Map<Task, Wait>();
  private readonly watched = new Set<TargetGroup>();
  /** By EC2 instance, then by host port. */
  private readonly processes = new Map<string, Map<number, Task>>();

  constructor(
    private readonly context: Context,
    private readonly workload: Workload,
  ) {}

  /** The task that holds a port of an instance, while its process lives. */
  behind(instanceId: string, port: number): Task | undefined {
    return this.processes.get(instanceId)?.get(port);
  }

  answers(task: Task): boolean {
    return task.process === "serving" || (task.process === "terminating" && this.workload.acceptsAfterSigterm);
  }

  /** Puts a task onto an instance: resources, dynamic host ports, PENDING, then RUNNING once its images are there. */
  start(task: Task, instance: ContainerInstance): void {
    task.instance = instance;
    instance.tasks.add(task);
    instance.usedCpu += task.taskDefinition.cpu;
    instance.usedMemoryMiB += task.taskDefinition.memoryMiB;
    task.ports = task.taskDefinition.containers.flatMap((container) =>
      container.containerPorts.map((containerPort) => ({
        containerName: container.name,
        containerPort,
        hostPort: FIRST_HOST_PORT + instance.nextHostPort++,
      })),
    );
    task.service.onPlaced(task);
    this.become(task, "PENDING");
    task.process = "starting";
    const pullMs = pullImages(instance, task.taskDefinition, this.context.clock.now);
    const startedMs = pullMs + ECS.startMs;
    if (task.deployment.fails === "start")
      this.timer(task, startedMs + ECS.failedStartMs, () => this.failToStart(task));
    else this.timer(task, startedMs, () => this.run(task));
  }

  private failToStart(task: Task): void {
    task.stopCode = "TaskFailedToStart";
    task.stoppedReason = "Task failed to start";
    this.noLongerWanted(task);
    this.finish(task, "finished");
  }

  private run(task: Task): void {
    task.runningAt = this.context.clock.now;
    const { id } = task.instance!.ec2;
    const onInstance = this.processes.get(id) ?? new Map<number, Task>();
    this.processes.set(id, onInstance);
    for (const { hostPort } of task.ports) onInstance.set(hostPort, task);
    this.become(task, "RUNNING");
    this.context.clock.after(ECS.registerMs, () => this.registerTargets(task));
    // A container that never passes a check serves nobody.
    if (task.deployment.fails === "health") return;
    this.timer(task, this.workload.startMs(task), () => {
      this.context.beforeChange.publish(undefined);
      task.process = "serving";
      this.serving.publish(task);
      this.tellBalancers(task);
    });
  }

  /** ECS registers what should run; on a DRAINING instance too. */
  registerTargets(task: Task): void {
    if (task.desiredStatus === "STOPPED" || task.lastStatus !== "RUNNING") return;
    for (const { targetGroup, port } of task.service.targetsOf(task)) {
      this.watch(targetGroup);
      targetGroup.register(task.instance!.ec2.id, port);
    }
  }

  /** The flag's answer to "what if somebody else deregisters a running task's target". */
  private watch(targetGroup: TargetGroup): void {
    if (this.watched.has(targetGroup)) return;
    this.watched.add(targetGroup);
    targetGroup.unused.subscribe((target) => this.onUnused(targetGroup, target));
    const seconds = this.context.flags.ecsReRegistersSeconds;
    if (seconds === null) return;
    targetGroup.deregistered.subscribe((target) => {
      const task = this.behind(target.instanceId, target.port);
      if (task === undefined || task.desiredStatus === "STOPPED") return;
      this.context.clock.after(seconds * 1000, () => this.registerTargets(task));
    });
  }

  /** Begins to stop a task, for the scheduler's `cause` or by a `caller`; one that is stopping already goes on as it does. */
  stop(task: Task, by: Stopper, stopCode: string, reason: string, cause?: StopCause, caller?: string): void {
    if (task.lastStatus === "STOPPED" || task.desiredStatus === "STOPPED") return;
    task.stopCode = stopCode;
    task.stoppedBy = caller;
    task.stoppedReason = reason;
    task.stopCause = cause;
    this.stopping.publish({ task, by, caller });
    this.noLongerWanted(task);
    const instanceId = task.instance?.ec2.id;
    this.context.log.write("ecs.TaskStopping", { task: task.arn, instanceId, by, caller, reason });
    if (task.lastStatus === "PROVISIONING" || task.lastStatus === "PENDING") {
      this.context.clock.cancel(this.timers.get(task));
      this.finish(task, "finished");
      return;
    }
    const targets = new Set(this.deregister(task));
    const waitsFirst = by === "scheduler" || this.context.flags.stopTaskDeregistersFirst;
    if (!waitsFirst || targets.size === 0) return this.signal(task, by);
    if (this.context.flags.singleTargetGroupDeactivating) this.become(task, "DEACTIVATING");
    this.waits.set(task, { by, targets });
    for (const key of targets) this.waitsFor.set(key, task);
  }

  private noLongerWanted(task: Task): void {
    if (task.desiredStatus === "STOPPED") return;
    task.desiredStatus = "STOPPED";
    task.service.spread.remove(task);
    this.note(task);
  }

  /** Something that ECS tells of a task, or thinks of it, changed. */
  note(task: Task): void {
    const { lastStatus, desiredStatus, instance, tags } = task;
    this.states.record(task, { lastStatus, desiredStatus, instance, tags }, this.context.clock.now);
    task.service.standing.review(task);
  }

  /** Deregisters the task's targets; the keys of those whose delay runs. */
  private deregister(task: Task): string[] {
    return task.service.targetsOf(task).flatMap(({ targetGroup, port }) => {
      const instanceId = task.instance!.ec2.id;
      targetGroup.deregister(instanceId, port);
      const isDraining = targetGroup.targets.has(keyOf(instanceId, port));
      return isDraining ? [waitKey(targetGroup, instanceId, port)] : [];
    });
  }

  private onUnused(targetGroup: TargetGroup, { instanceId, port }: Target): void {
    const key = waitKey(targetGroup, instanceId, port);
    const task = this.waitsFor.get(key);
    const wait = task && this.waits.get(task);
    this.waitsFor.delete(key);
    if (task === undefined || wait === undefined) return;
    wait.targets.delete(key);
    if (wait.targets.size > 0) return;
    this.waits.delete(task);
    this.signal(task, wait.by);
  }

  private signal(task: Task, by: Stopper): void {
    if (task.process === "exited") return;
    const instanceId = task.instance!.ec2.id;
    const targetsDrained = task.service
      .targetsOf(task)
      .every(({ targetGroup, port }) => !targetGroup.targets.has(keyOf(instanceId, port)));
    this.context.beforeChange.publish(undefined);
    this.context.clock.cancel(this.timers.get(task));
    const wasServing = task.process === "serving";
    task.process = "terminating";
    this.become(task, "STOPPING");
    this.signalled.publish({ task, by, targetsDrained });
    this.tellBalancers(task);
    const limit = stopTimeoutMs(task.taskDefinition, task.instance!.agent.stopTimeoutMs);
    const own = wasServing ? this.workload.exitAfterSigtermMs(task) : 0;
    const exit: Exit = own !== undefined && own <= limit ? "finished" : "killed";
    this.timer(task, Math.min(own ?? limit, limit), () => this.finish(task, exit));
  }

  /** The process of a task that had SIGTERM ends by itself. */
  exit(task: Task): void {
    if (task.process !== "terminating") return;
    this.context.clock.cancel(this.timers.get(task));
    this.finish(task, "finished");
  }

  /** The host is gone: processes end at once, ECS hears of it later ({@link declareLost}). */
  loseHost(instance: ContainerInstance): void {
    for (const task of instance.tasks) {
      this.context.clock.cancel(this.timers.get(task));
      this.end(task, "hostLost");
    }
  }

  declareLost(instance: ContainerInstance): void {
    for (const task of [...instance.tasks]) {
      this.noLongerWanted(task);
      task.stopCode ??= "TerminationNotice";
      task.stoppedReason ??= `Host EC2 (instance ${instance.ec2.id}) terminated.`;
      this.waits.delete(task);
      this.deregister(task);
      this.finish(task, "hostLost");
    }
  }

  private end(task: Task, exit: Exit): void {
    if (task.process === "exited" || task.process === "none") return;
    this.context.beforeChange.publish(undefined);
    task.process = "exited";
    const { id } = task.instance!.ec2;
    const onInstance = this.processes.get(id);
    for (const { hostPort } of task.ports) onInstance?.delete(hostPort);
    if (onInstance?.size === 0) this.processes.delete(id);
    this.exited.publish({ task, exit });
    this.tellBalancers(task);
  }

  private finish(task: Task, exit: Exit): void {
    if (task.lastStatus === "STOPPED") return;
    this.end(task, exit);
    this.timers.delete(task);
    const { instance } = task;
    if (instance?.tasks.delete(task)) {
      instance.usedCpu -= task.taskDefinition.cpu;
      instance.usedMemoryMiB -= task.taskDefinition.memoryMiB;
    }
    task.service.onStopped(task);
    this.context.log.write("ecs.TaskStopped", {
      task: task.arn,
      instanceId: instance?.ec2.id,
      exit,
      reason: task.stoppedReason,
    });
    this.become(task, "STOPPED");
  }

  private become(task: Task, status: Task["lastStatus"]): void {
    task.lastStatus = status;
    if (status === "STOPPED") this.states.record(task, undefined, this.context.clock.now);
    else this.note(task);
    if (status === "RUNNING" || status === "PENDING") {
      this.context.log.write(status === "RUNNING" ? "ecs.TaskRunning" : "ecs.TaskPlaced", {
        task: task.arn,
        instanceId: task.instance?.ec2.id,
      });
    }
    this.changed.publish(task);
  }

  private tellBalancers(task: Task): void {
    for (const { targetGroup, port } of task.service.targetsOf(task))
      targetGroup.reachabilityChanged(task.instance!.ec2.id, port);
  }

  private timer(task: Task, delay: number, run: () => void): void {
    this.timers.set(task, this.context.clock.after(delay, run, PRIORITY.change));
  }
}

const waitKey = (targetGroup: TargetGroup, instanceId: string, port: number): string =>
  `${targetGroup.spec.arn}|${keyOf(instanceId, port)}`;
