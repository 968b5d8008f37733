/** What every service of the world shares. Services know each other only as in AWS. */
import { randomStream } from "../inputs/random";
import type { Clock } from "./clock";
import { EPOCH_MS } from "./constants";
import type { Flags } from "./flags";
import type { EventLog } from "./log";
import { Throttles } from "./throttles";
import { Topic } from "./topic";

export type Random = () => number;

export interface Context {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly flags: Flags;
  /** Told before anything changes that requests can feel, so that their flows can settle what was until now. */
  readonly beforeChange: Topic<undefined>;
  readonly throttles: Throttles;
  /** The random stream of this name: the same for the same seed, whoever else draws. */
  random(name: string): Random;
}

export function createContext(clock: Clock, log: EventLog, flags: Flags, seed: number): Context {
  const streams = new Map<string, Random>();
  return {
    clock,
    log,
    flags,
    beforeChange: new Topic(),
    throttles: new Throttles(clock),
    random: (name) => {
      const known = streams.get(name);
      if (known !== undefined) return known;
      const made = randomStream(seed, name);
      streams.set(name, made);
      return made;
    },
  };
}

/** Uniform between two bounds, in whole milliseconds. */
export function between(random: Random, { min, max }: { readonly min: number; readonly max: number }): number {
  return Math.round(min + random() * (max - min));
}

/** The rehearsal's time as a date. */
export function dateOf(ms: number): Date {
  return new Date(EPOCH_MS + ms);
}

/** As AWS's events give it: ISO, whole seconds. */
export function eventTime(ms: number): string {
  return new Date(Math.floor((EPOCH_MS + ms) / 1000) * 1000).toISOString().replace(".000Z", "Z");
}
