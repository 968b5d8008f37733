/** The process of one worker: the consumer that its container runs, and what it works on. */
import { embeddedMetrics, type EmbeddedMetrics } from "../../runtime/consumer/embeddedMetrics";
import type { ConsumerEvent } from "../../runtime/consumer/events";
import { SqsConsumer } from "../../runtime/consumer/sqsConsumer";
import type { Timers } from "../../runtime/timers";
import { containerTimers } from "../traffic/containerTimers";
import { embeddedMetrics as metricsIn } from "../world/cloudWatch/embeddedMetrics";
import type { Task } from "../world/ecs/task";
import { PlainConsumer, type PlainHandler } from "./plainConsumer";
import { QueuePort } from "./queuePort";
import { Work } from "./work";
import { consumerSettingsOf } from "./workerSettings";
import type { WorkersOptions } from "./workers";

export interface WorkerProcessOptions extends WorkersOptions {
  readonly task: Task;
  /** Begins a unit of work, which its function ends; undefined where its container is gone. */
  readonly protect: () => (() => void) | undefined;
}

/** What is worth a line of the log: what went wrong, and what a reader asks of a stop. */
const LOGGED: ReadonlySet<ConsumerEvent["kind"]> = new Set([
  "givenBack",
  "failed",
  "limit",
  "takenOver",
  "groupBlocked",
  "heartbeatFailed",
  "deleteFailed",
  "giveBackFailed",
  "stopping",
  "stopped",
]);

export class WorkerProcess {
  private readonly port: QueuePort;
  private readonly timers: Timers;
  private readonly handling: Work;
  private readonly metrics: EmbeddedMetrics;
  private readonly consumer: Pick<SqsConsumer, "start" | "stop">;
  private isAlive = true;

  constructor(private readonly options: WorkerProcessOptions) {
    const { world, task, ledger, profile } = options;
    this.port = new QueuePort({ world, task, ledger, random: this.stream("network") });
    this.timers = containerTimers(world.clock, () => this.isAlive);
    this.handling = new Work({ ...options, timers: this.timers, worker: task.arn, random: this.stream("handler") });
    const write = (line: string): void => metricsIn(line).forEach((datum) => world.metrics.put(datum));
    this.metrics = embeddedMetrics({ write, timers: this.timers });
    this.consumer = profile.consumer === "plain" ? this.plainConsumer() : this.sqsConsumer();
  }

  private stream(part: string) {
    const { world, service } = this.options;
    return world.context.random(`jobs/${service.spec.name}/${part}`);
  }

  private plainConsumer(): PlainConsumer {
    const { timers, port, options } = this;
    const { queues } = consumerSettingsOf(options.task.taskDefinition)!;
    const { heartbeat } = options.profile;
    const handler: PlainHandler = ({ messageId, receiveCount }) => this.handling.run(messageId, receiveCount);
    return new PlainConsumer({ port, queues, timers, handler, heartbeat });
  }

  private sqsConsumer(): SqsConsumer {
    const { handling, options } = this;
    const { protectsWork, ...settings } = consumerSettingsOf(options.task.taskDefinition)!;
    return new SqsConsumer({
      ...settings,
      sqs: this.port,
      timers: this.timers,
      random: this.stream("consumer"),
      ...(protectsWork && { work: { begin: () => options.protect() ?? (() => undefined) } }),
      handler: (job) => handling.run(job.id, job.receiveCount, job.signal),
      checkpoint: (job) => handling.checkpoint(job.id),
      expectedSeconds: (job) => handling.expectedSeconds(job.id),
      report: (event) => this.onEvent(event),
    });
  }

  private onEvent(event: ConsumerEvent): void {
    const { ledger, world, task } = this.options;
    this.metrics.report(event);
    if (event.kind === "givenBack") ledger.givenBack++;
    if (event.kind === "givenBack" || event.kind === "limit" || event.kind === "takenOver")
      this.handling.takenAway(event.jobId, event.kind);
    if (!LOGGED.has(event.kind)) return;
    const job = "jobId" in event ? event.jobId : undefined;
    world.context.log.write("work.Consumer", { task: task.arn, what: event.kind, job });
  }

  /** Of the jobs that it may work on at once, those that it works on. */
  get busyShare(): number {
    const { concurrency } = consumerSettingsOf(this.options.task.taskDefinition)!;
    return this.handling.inProgress / (this.options.profile.consumer === "plain" ? 1 : concurrency);
  }

  start(): void {
    this.consumer.start();
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
    this.metrics.flush();
  }

  /** Nothing of it goes on: no timer fires, and no call is answered. */
  end(): void {
    this.isAlive = false;
    this.port.close();
  }
}
