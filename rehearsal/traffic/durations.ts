/** How long a long request takes, in milliseconds. */
import { randomExponential, randomUniform } from "d3-random";
import type { LongRequests } from "../inputs/profile";
import type { Random } from "../world/context";

type Durations = Pick<LongRequests, "seconds" | "minSeconds" | "maxSeconds">;

export function drawDurations({ seconds, minSeconds, maxSeconds }: Durations, random: Random): () => number {
  if (minSeconds === undefined || maxSeconds === undefined)
    return randomExponential.source(random)(1 / (seconds! * 1000));
  const logarithm = randomUniform.source(random)(Math.log(minSeconds * 1000), Math.log(maxSeconds * 1000));
  return () => Math.exp(logarithm());
}

/** The share of them that takes longer than so many seconds. */
export function shareLonger({ seconds, minSeconds, maxSeconds }: Durations, than: number): number {
  if (minSeconds === undefined || maxSeconds === undefined) return Math.exp(-than / seconds!);
  if (than < minSeconds) return 1;
  return than >= maxSeconds ? 0 : Math.log(maxSeconds / than) / Math.log(maxSeconds / minSeconds);
}
