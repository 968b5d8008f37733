/**
 * A heap from which nothing is taken out but its top: what has lost its meaning is dropped when it comes up, or when most of
 * the heap has.
 */
import Heap from "heap-js";

const SMALL = 64;

export class LiveHeap<T> {
  private readonly heap: Heap<T>;

  /** What is not live any more never is again. */
  constructor(
    compare: (a: T, b: T) => number,
    private readonly isLive: (item: T) => boolean,
  ) {
    this.heap = new Heap(compare);
  }

  get size(): number {
    return this.heap.length;
  }

  peek(): T | undefined {
    for (;;) {
      const top = this.heap.peek();
      if (top === undefined || this.isLive(top)) return top;
      this.heap.pop();
    }
  }

  pop(): T | undefined {
    const top = this.peek();
    if (top !== undefined) this.heap.pop();
    return top;
  }

  /** `live`: about how many are. */
  push(item: T, live: number): void {
    this.heap.push(item);
    if (this.heap.length > 2 * live + SMALL) this.heap.init(this.heap.toArray().filter((each) => this.isLive(each)));
  }
}
