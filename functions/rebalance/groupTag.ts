/** What a tag of the Auto Scaling group says of a service whose tasks move, or have just moved. */
import { REBALANCE_TAG_PREFIX } from "../tags";

/** More tasks run than the service wants, until as many others have gone. */
export interface Moving {
  readonly kind: "moving";
  /** The desired count before, to which it goes back. */
  readonly before: number;
  /** The desired count meanwhile. */
  readonly raised: number;
  /** In milliseconds since the epoch. */
  readonly since: number;
  /** Whether the new tasks go again, because they have come to places that help nobody. */
  readonly isVain: boolean;
}

export interface Resting {
  readonly kind: "resting";
  /** No task of the service is moved before, in milliseconds since the epoch. */
  readonly until: number;
}

export type GroupTag = Moving | Resting;

const VAIN = "vain";
/** A tag's key has at most so many characters.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html */
const LONGEST_KEY = 128;

/** Undefined for a service whose name is too long for a tag. */
export function tagKeyOf(service: string): string | undefined {
  const key = REBALANCE_TAG_PREFIX + service;
  return key.length > LONGEST_KEY ? undefined : key;
}

/** Undefined for a tag that says something else. */
export const serviceOfKey = (key: string): string | undefined =>
  key.startsWith(REBALANCE_TAG_PREFIX) ? key.slice(REBALANCE_TAG_PREFIX.length) : undefined;

export function tagValue(tag: GroupTag): string {
  if (tag.kind === "resting") return `0 0 ${new Date(tag.until).toISOString()}`;
  const { before, raised, since, isVain } = tag;
  return [before, raised, new Date(since).toISOString(), ...(isVain ? [VAIN] : [])].join(" ");
}

/** One that can't be read is a rest that is over. */
export function parseTagValue(value: string): GroupTag {
  const [before, raised, time = "", vain] = value.split(" ");
  const counts = [Number(before), Number(raised)] as const;
  const at = Date.parse(time) || 0;
  if (!counts.every(Number.isInteger) || counts[0] >= counts[1]) return { kind: "resting", until: at };
  return { kind: "moving", before: counts[0], raised: counts[1], since: at, isVain: vain === VAIN };
}
