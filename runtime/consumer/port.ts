/** SQS as far as a consumer needs it, so that it runs over the AWS SDK, in a test and in a rehearsal alike. */

export interface ReceivedMessage {
  readonly messageId: string;
  /** Of this receive; the next one makes it invalid. */
  readonly receiptHandle: string;
  readonly body: string;
  /** How often it has been received, this time included. */
  readonly receiveCount: number;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  /** Of a FIFO queue. */
  readonly groupId?: string;
  /** Message attributes that have a text or a number. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface ReceiveRequest {
  readonly queueUrl: string;
  /** 1 to 10. */
  readonly most: number;
  /** 0 to 20: how long to wait for a message where there is none. */
  readonly waitSeconds: number;
  readonly visibilityTimeoutSeconds: number;
}

export interface VisibilityChange {
  readonly receiptHandle: string;
  /** From now on, 0 to 43,200. */
  readonly visibilityTimeoutSeconds: number;
}

export interface PortFailure {
  readonly receiptHandle: string;
  readonly reason: string;
  /** Whether trying again is of no use: the message is gone, or somebody else's. */
  readonly isFinal: boolean;
}

/** Every call may reject: throttled, denied, no network. */
export interface SqsPort {
  receive(request: ReceiveRequest): Promise<readonly ReceivedMessage[]>;
  /** At most 10. Those that were not deleted. */
  delete(queueUrl: string, receiptHandles: readonly string[]): Promise<readonly PortFailure[]>;
  /** At most 10. Those that were not changed. */
  changeVisibility(queueUrl: string, changes: readonly VisibilityChange[]): Promise<readonly PortFailure[]>;
}
