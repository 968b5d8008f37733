/** A consumer on a test's clock, with what it told and whom it worked on. */
import type { ConsumerEvent } from "../../../runtime/consumer/events";
import type { Job } from "../../../runtime/consumer/job";
import { SqsConsumer, type SqsConsumerOptions } from "../../../runtime/consumer/sqsConsumer";
import { FakeClock } from "../fakeClock";
import { FakeSqs } from "./fakeSqs";

export const HIGH = "https://sqs.test/high";
export const LOW = "https://sqs.test/low";
export const QUEUES = [
  { name: "high", url: HIGH },
  { name: "low", url: LOW },
];

export class Stage {
  readonly clock = new FakeClock();
  readonly sqs: FakeSqs;
  readonly events: ConsumerEvent[] = [];
  /** Ids of jobs, in the order in which they were begun. */
  readonly begun: string[] = [];
  /** Ids of jobs whose handler has finished. */
  readonly finished: string[] = [];
  atOnce = 0;
  mostAtOnce = 0;

  constructor(maxReceiveCount?: number) {
    this.sqs = new FakeSqs(this.clock, maxReceiveCount);
  }

  /** Works for as many milliseconds as the body says. */
  readonly work = async (job: Job): Promise<void> => {
    this.begun.push(job.id);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    try {
      await this.clock.wait(Number(job.body));
      this.finished.push(job.id);
    } finally {
      this.atOnce--;
    }
  };

  consumer(options: Partial<SqsConsumerOptions> = {}): SqsConsumer {
    const consumer = new SqsConsumer({
      sqs: this.sqs,
      queues: QUEUES,
      handler: this.work,
      timers: this.clock,
      random: () => 0.5,
      report: (event) => this.events.push(event),
      ...options,
    } as SqsConsumerOptions);
    consumer.start();
    return consumer;
  }

  kinds(): ConsumerEvent["kind"][] {
    return this.events.map(({ kind }) => kind);
  }

  of<K extends ConsumerEvent["kind"]>(kind: K): Extract<ConsumerEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<ConsumerEvent, { kind: K }> => event.kind === kind);
  }
}
