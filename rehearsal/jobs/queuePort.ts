/**
 * SQS as one container reaches it: over the network, with its task's role, and with the faults of the day. A container that is
 * no more gets no answer, and nothing waits for messages in its name.
 */
import type {
  PortFailure,
  ReceivedMessage,
  ReceiveRequest,
  SqsPort,
  VisibilityChange,
} from "../../runtime/consumer/port";
import { EPOCH_MS, SQS } from "../world/constants";
import { between, type Random } from "../world/context";
import type { Task } from "../world/ecs/task";
import { isAllowed } from "../world/iam";
import type { Queue, ReceivedMessage as Received } from "../world/sqs/queue";
import type { World } from "../world/world";
import type { JobLedger } from "./ledger";

export interface QueuePortOptions {
  readonly world: World;
  readonly task: Task;
  readonly ledger: JobLedger;
  readonly random: Random;
}

interface Cancellable {
  cancel(): void;
}

interface Call<T> {
  readonly action: string;
  readonly queueUrl: string;
  /** Does it and answers, now or later. */
  readonly atSqs: (queue: Queue, answer: (value: T) => void) => void;
  /** It doesn't come to SQS, or the answer doesn't come back. */
  readonly failed?: () => void;
}

/** Of the calls that fail, those that SQS has carried out: only its answer is lost. Assumed. */
const CARRIED_OUT = 0.5;

export class QueuePort implements SqsPort {
  private readonly waiting = new Set<Cancellable>();
  private isOpen = true;

  constructor(private readonly options: QueuePortOptions) {}

  /** The container is gone. */
  close(): void {
    this.isOpen = false;
    for (const each of this.waiting) each.cancel();
  }

  receive({ queueUrl, most, waitSeconds, visibilityTimeoutSeconds }: ReceiveRequest): Promise<ReceivedMessage[]> {
    const poll = { most, waitMs: waitSeconds * 1000, visibilityTimeoutMs: visibilityTimeoutSeconds * 1000 };
    return this.call({
      action: "sqs:ReceiveMessage",
      queueUrl,
      atSqs: (queue, answer) => {
        const waiting = queue.poll(poll, (messages) => {
          this.waiting.delete(waiting);
          answer(messages.map(asReceived));
        });
        this.waiting.add(waiting);
      },
    });
  }

  delete(queueUrl: string, receiptHandles: readonly string[]): Promise<PortFailure[]> {
    const { ledger } = this.options;
    return this.call({
      action: "sqs:DeleteMessage",
      queueUrl,
      atSqs: (queue, answer) => answer(receiptHandles.filter((each) => !queue.delete(each)).map(tooOld)),
      failed: () => receiptHandles.forEach((each) => ledger.deleteFailed(...receiveOf(each))),
    });
  }

  changeVisibility(queueUrl: string, changes: readonly VisibilityChange[]): Promise<PortFailure[]> {
    const { ledger } = this.options;
    const change = (queue: Queue, { receiptHandle, visibilityTimeoutSeconds }: VisibilityChange): boolean => {
      const isHeard = queue.changeVisibility(receiptHandle, visibilityTimeoutSeconds * 1000);
      if (isHeard) ledger.heartbeat(...receiveOf(receiptHandle), true);
      return isHeard;
    };
    return this.call({
      action: "sqs:ChangeMessageVisibility",
      queueUrl,
      atSqs: (queue, answer) =>
        answer(changes.filter((each) => !change(queue, each)).map(({ receiptHandle }) => tooOld(receiptHandle))),
      failed: () => changes.forEach(({ receiptHandle }) => ledger.heartbeat(...receiveOf(receiptHandle), false)),
    });
  }

  private call<T>(call: Call<T>): Promise<T> {
    const { world, random } = this.options;
    return new Promise((resolve, reject) => {
      const back = (settle: () => void): void =>
        this.later(between(random, SQS.latencyMs), () => {
          world.clock.handlersWoken = true;
          settle();
        });
      this.later(between(random, SQS.latencyMs), () => {
        const queue = world.queues.get(call.queueUrl);
        const refused = queue === undefined ? "QueueDoesNotExist" : this.refusal(call.action, queue);
        const fault = refused === undefined ? this.fault() : undefined;
        const problem = refused ?? fault?.name;
        if (problem !== undefined) {
          call.failed?.();
          back(() => reject(new Error(`${call.action}: ${problem}`)));
        }
        if (queue === undefined || refused !== undefined || fault?.isCarriedOut === false) return;
        call.atSqs(queue, (value) => back(() => resolve(value)));
      });
    });
  }

  private refusal(action: string, queue: Queue): string | undefined {
    const { taskRole } = this.options.task.taskDefinition;
    const request = { action, resources: [{ arn: queue.spec.arn, context: {} }] };
    return taskRole !== undefined && isAllowed(taskRole, request) ? undefined : "AccessDenied";
  }

  private fault(): { readonly name: string; readonly isCarriedOut: boolean } | undefined {
    const { world, random } = this.options;
    const fault = world.faults.call();
    if (fault === undefined) return undefined;
    return fault === "throttled"
      ? { name: "RequestThrottled", isCarriedOut: false }
      : { name: "no answer", isCarriedOut: random() < CARRIED_OUT };
  }

  private later(ms: number, run: () => void): void {
    this.options.world.clock.after(ms, () => {
      if (this.isOpen) run();
    });
  }
}

/** Of which message a receipt is, and of which of its receives. */
function receiveOf(receiptHandle: string): [messageId: string, receiveCount: number] {
  const at = receiptHandle.lastIndexOf("/");
  return [receiptHandle.slice(0, at), Number(receiptHandle.slice(at + 1))];
}

const tooOld = (receiptHandle: string): PortFailure => ({
  receiptHandle,
  reason: "ReceiptHandleIsInvalid: the message is gone, visible, or with another receiver",
  isFinal: true,
});

function asReceived({ sentAt, ...rest }: Received): ReceivedMessage {
  return { ...rest, sentAt: EPOCH_MS + sentAt };
}
