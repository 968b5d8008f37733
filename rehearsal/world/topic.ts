/** Tells its subscribers, in the order in which they subscribed. */
export class Topic<T> {
  private readonly subscribers: ((message: T) => void)[] = [];

  subscribe(subscriber: (message: T) => void): void {
    this.subscribers.push(subscriber);
  }

  publish(message: T): void {
    for (const subscriber of this.subscribers) subscriber(message);
  }
}
