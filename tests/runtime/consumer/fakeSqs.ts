/** SQS in memory, on a test's clock: visibility, receive counts, dead letters, message groups, waiting polls, failing calls. */
import type {
  PortFailure,
  ReceivedMessage,
  ReceiveRequest,
  SqsPort,
  VisibilityChange,
} from "../../../runtime/consumer/port";
import type { FakeClock } from "../fakeClock";

interface Stored {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: number;
  readonly groupId?: string;
  receiveCount: number;
  receivedAt: number;
  visibleAt: number;
}

interface Poll {
  readonly request: ReceiveRequest;
  readonly answer: (messages: readonly ReceivedMessage[]) => void;
}

export type Call = "receive" | "delete" | "changeVisibility";

export class FakeSqs implements SqsPort {
  readonly deleted: string[] = [];
  readonly deadLetters: string[] = [];
  readonly requests: ReceiveRequest[] = [];
  readonly calls: Record<Call, number> = { receive: 0, delete: 0, changeVisibility: 0 };
  /** Whether a call fails; asked before it does anything. */
  fails: (call: Call) => boolean = () => false;
  latencyMs = 10;
  readonly #queues = new Map<string, Stored[]>();
  readonly #polls: Poll[] = [];
  #count = 0;

  constructor(
    private readonly clock: FakeClock,
    private readonly maxReceiveCount = Infinity,
  ) {}

  send(queueUrl: string, body: string, groupId?: string): string {
    const messageId = `m${++this.#count}`;
    const now = this.clock.now();
    const message = { messageId, body, sentAt: now, receiveCount: 0, receivedAt: 0, visibleAt: now };
    this.#of(queueUrl).push(groupId === undefined ? message : { ...message, groupId });
    this.#answerPolls();
    return messageId;
  }

  /** Messages that were received and that other workers can't see. */
  hidden(queueUrl: string): string[] {
    return this.#of(queueUrl)
      .filter(({ visibleAt }) => visibleAt > this.clock.now())
      .map(({ messageId }) => messageId);
  }

  left(queueUrl: string): number {
    return this.#of(queueUrl).length;
  }

  receiveCountOf(queueUrl: string, messageId: string): number | undefined {
    return this.#of(queueUrl).find((message) => message.messageId === messageId)?.receiveCount;
  }

  async receive(request: ReceiveRequest): Promise<readonly ReceivedMessage[]> {
    this.requests.push(request);
    await this.#called("receive");
    const found = this.#take(request);
    if (found.length > 0 || request.waitSeconds === 0) return found;
    return new Promise((resolve) => {
      const poll: Poll = { request, answer: resolve };
      this.#polls.push(poll);
      this.clock.after(request.waitSeconds * 1000, () => this.#finish(poll, []));
    });
  }

  async delete(queueUrl: string, receiptHandles: readonly string[]): Promise<readonly PortFailure[]> {
    await this.#called("delete");
    return receiptHandles.flatMap((receiptHandle) => {
      const message = this.#received(queueUrl, receiptHandle);
      if (message === undefined) return [{ receiptHandle, reason: "ReceiptHandleIsInvalid", isFinal: true }];
      this.deleted.push(message.messageId);
      this.#of(queueUrl).splice(this.#of(queueUrl).indexOf(message), 1);
      this.#answerPolls();
      return [];
    });
  }

  async changeVisibility(queueUrl: string, changes: readonly VisibilityChange[]): Promise<readonly PortFailure[]> {
    await this.#called("changeVisibility");
    const now = this.clock.now();
    return changes.flatMap(({ receiptHandle, visibilityTimeoutSeconds }) => {
      const message = this.#received(queueUrl, receiptHandle);
      if (message === undefined || message.visibleAt <= now)
        return [{ receiptHandle, reason: "MessageNotInflight", isFinal: true }];
      if (now + visibilityTimeoutSeconds * 1000 > message.receivedAt + 43_200_000)
        return [{ receiptHandle, reason: "InvalidParameterValue", isFinal: true }];
      message.visibleAt = now + visibilityTimeoutSeconds * 1000;
      this.#answerPollsAt(message.visibleAt);
      return [];
    });
  }

  async #called(call: Call): Promise<void> {
    this.calls[call]++;
    const fails = this.fails(call);
    await this.clock.wait(this.latencyMs);
    if (fails) throw new Error("ThrottlingException");
  }

  #take({ queueUrl, most, visibilityTimeoutSeconds }: ReceiveRequest): ReceivedMessage[] {
    const now = this.clock.now();
    const found: ReceivedMessage[] = [];
    const queue = this.#of(queueUrl);
    const held = new Set(queue.filter(({ visibleAt }) => visibleAt > now).map(({ groupId }) => groupId));
    for (const message of [...queue]) {
      if (found.length === most) break;
      if (message.visibleAt > now || (message.groupId !== undefined && held.has(message.groupId))) continue;
      if (message.receiveCount >= this.maxReceiveCount) {
        this.deadLetters.push(message.messageId);
        queue.splice(queue.indexOf(message), 1);
        continue;
      }
      message.receiveCount++;
      message.receivedAt = now;
      message.visibleAt = now + visibilityTimeoutSeconds * 1000;
      this.#answerPollsAt(message.visibleAt);
      const { messageId, body, sentAt, receiveCount, groupId } = message;
      const receiptHandle = `${messageId}#${receiveCount}`;
      const plain = { messageId, body, sentAt, receiveCount, receiptHandle };
      found.push(groupId === undefined ? plain : { ...plain, groupId });
    }
    return found;
  }

  #received(queueUrl: string, receiptHandle: string): Stored | undefined {
    return this.#of(queueUrl).find((message) => `${message.messageId}#${message.receiveCount}` === receiptHandle);
  }

  #answerPollsAt(at: number): void {
    this.clock.after(Math.max(0, at - this.clock.now()), () => this.#answerPolls());
  }

  #answerPolls(): void {
    for (const poll of [...this.#polls]) {
      const found = this.#take(poll.request);
      if (found.length > 0) this.#finish(poll, found);
    }
  }

  #finish(poll: Poll, messages: readonly ReceivedMessage[]): void {
    const index = this.#polls.indexOf(poll);
    if (index < 0) return;
    this.#polls.splice(index, 1);
    poll.answer(messages);
  }

  #of(queueUrl: string): Stored[] {
    const known = this.#queues.get(queueUrl);
    if (known !== undefined) return known;
    const made: Stored[] = [];
    this.#queues.set(queueUrl, made);
    return made;
  }
}
