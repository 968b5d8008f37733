/** A row of the tables of stacks. */
import type { StackOf } from "../support/declared";

export interface GoodStack {
  readonly title: string;
  readonly stack: () => StackOf;
}

/** With the way in which it is bad, and the rules that say so: all of them, and no other. */
export interface BadStack extends GoodStack {
  readonly rules: readonly string[];
}

/** A sound stack with something done to it. */
export function changed<Parts extends { readonly stack: StackOf }>(
  make: () => Parts,
  change: (parts: Parts) => void,
): () => StackOf {
  return () => {
    const parts = make();
    change(parts);
    return parts.stack;
  };
}
