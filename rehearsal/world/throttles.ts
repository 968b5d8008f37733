/** AWS's token buckets, which all callers of an account and Region share. */
import type { Clock } from "./clock";

/** A token bucket of an API, per account and Region. */
export interface Bucket {
  readonly name: string;
  readonly burst: number;
  readonly refillPerSecond: number;
}

interface Level {
  tokens: number;
  filledAt: number;
}

export class Throttles {
  private readonly levels = new Map<string, Level>();

  constructor(private readonly clock: Clock) {}

  /** Takes a token; false where the bucket is empty. */
  take({ name, burst, refillPerSecond }: Bucket): boolean {
    const { now } = this.clock;
    const level = this.levels.get(name) ?? { tokens: burst, filledAt: now };
    level.tokens = Math.min(burst, level.tokens + ((now - level.filledAt) / 1000) * refillPerSecond);
    level.filledAt = now;
    this.levels.set(name, level);
    if (level.tokens < 1) return false;
    level.tokens--;
    return true;
  }
}
