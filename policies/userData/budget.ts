/** Thrown where a reading would take too much work; the entry turns it into something unread. */
export class OutOfBudget extends Error {}

const STEPS = 20_000;
/** A step for each command, and for each so many characters that are copied. */
const CHARACTERS_PER_STEP = 256;
/** Functions and scripts that run each other. */
const DEPTH = 40;

/** Bounds the work on hostile user data: endless loops, texts that double, functions that call themselves. */
export class Budget {
  #left = STEPS;
  #depth = 0;

  spend(characters = 0): void {
    this.#left -= 1 + characters / CHARACTERS_PER_STEP;
    if (this.#left < 0) throw new OutOfBudget();
  }

  nested<T>(run: () => T): T {
    if (this.#depth >= DEPTH) throw new OutOfBudget();
    this.#depth++;
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }
}
