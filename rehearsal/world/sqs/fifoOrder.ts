/**
 * A FIFO queue's order: within a group as sent, and nothing of a group of which a message is in flight. One receive takes as
 * many as it can from one group before it takes from another.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
import { LiveHeap } from "./liveHeap";
import type { StoredMessage } from "./message";
import type { Order } from "./order";

const inOrder = (a: { readonly sequence: number }, b: { readonly sequence: number }): number => a.sequence - b.sequence;

class Group {
  readonly waiting = new LiveHeap<StoredMessage>(inOrder, ({ whereabouts }) => whereabouts === "visible");
  inFlight = 0;

  constructor(readonly id: string) {}
}

/** A group, while its first message is the one of this number and none is in flight. */
interface Ready {
  readonly group: Group;
  readonly sequence: number;
}

export class FifoOrder implements Order {
  private readonly groups = new Map<string, Group>();
  private readonly ready = new LiveHeap<Ready>(
    inOrder,
    ({ group, sequence }) => group.inFlight === 0 && group.waiting.peek()?.sequence === sequence,
  );

  constructor(private readonly visible: () => number) {}

  add(message: StoredMessage): void {
    const group = this.groupOf(message);
    group.waiting.push(message, this.visible());
    this.offer(group);
  }

  take(most: number): StoredMessage[] {
    const taken: StoredMessage[] = [];
    while (taken.length < most) {
      const next = this.ready.pop();
      if (next === undefined) break;
      while (taken.length < most) {
        const message = next.group.waiting.pop();
        if (message === undefined) break;
        next.group.inFlight++;
        taken.push(message);
      }
    }
    return taken;
  }

  release(message: StoredMessage): void {
    const group = this.groupOf(message);
    group.inFlight--;
    this.offer(group);
  }

  drop(message: StoredMessage): void {
    this.offer(this.groupOf(message));
  }

  private offer(group: Group): void {
    if (group.inFlight > 0) return;
    const first = group.waiting.peek();
    if (first === undefined) this.groups.delete(group.id);
    else this.ready.push({ group, sequence: first.sequence }, this.groups.size);
  }

  private groupOf({ groupId = "" }: StoredMessage): Group {
    let group = this.groups.get(groupId);
    if (group === undefined) this.groups.set(groupId, (group = new Group(groupId)));
    return group;
  }
}
