/** A message: as its sender and its receivers see it, and as its queue keeps it. */

export interface Message {
  readonly messageId: string;
  readonly body: string;
  /** When it was sent; its retention counts from here. */
  readonly sentAt: number;
  readonly receiveCount: number;
  /** Of FIFO queues only. */
  readonly groupId: string | undefined;
  /** Message attributes with a string value. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** As one receive gave it. */
export interface ReceivedMessage extends Message {
  readonly receiptHandle: string;
}

export type Whereabouts = "delayed" | "visible" | "inFlight" | "gone";

export interface StoredMessage extends Message {
  receiveCount: number;
  /** Its place among the messages of its queue. */
  readonly sequence: number;
  /** When it came into this queue, which for one in a dead-letter queue is not when it was sent. */
  readonly enteredAt: number;
  whereabouts: Whereabouts;
  /** When it becomes visible, while it is delayed or in flight. */
  hiddenUntil: number;
  receivedAt: number;
  receiptHandle: string | undefined;
  /** By which it waits to be received; 0: it doesn't. */
  ticket: number;
}

export function received(message: StoredMessage, receiptHandle: string): ReceivedMessage {
  const { messageId, body, sentAt, receiveCount, groupId, attributes } = message;
  return { messageId, body, sentAt, receiveCount, groupId, attributes, receiptHandle };
}
