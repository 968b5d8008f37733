/** In which order a queue gives its visible messages. */
import type { StoredMessage } from "./message";

export interface Order {
  /** It became visible. */
  add(message: StoredMessage): void;
  /** The next ones to be received, at most so many; they are taken out. */
  take(most: number): StoredMessage[];
  /** One that was taken is in flight no more: deleted, moved, expired, or visible again. Told before it is added again. */
  release(message: StoredMessage): void;
  /** One that is visible has gone. */
  drop(message: StoredMessage): void;
}
