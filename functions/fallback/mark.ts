/**
 * What the fallback keeps in AWS, as the value of {@link FALLBACK_TAG} on the group:
 *
 * `<instances above the declared base> <ISO time since when> wait=<minutes> until=<ISO time> [held=<ISO time>] [detached=<instance id>] [failed]`
 *
 * Written before what it says is done, so that whoever reads it next can end it.
 */

export interface Mark {
  /** On-Demand Instances above the declared share that the group may have. */
  readonly instances: number;
  /** Since when, in milliseconds since the epoch. */
  readonly since: number;
  /** Minutes between a launch that fails for lack of Spot and the next attempt to return. */
  readonly waitMinutes: number;
  /** No attempt to return before this. */
  readonly until: number;
  /** No more On-Demand Instances before this: EC2 refused one. */
  readonly heldUntil: number | undefined;
  /** The On-Demand Instance that is being replaced by a Spot one, inside the group or already outside. */
  readonly detached: string | undefined;
  /** No Spot came in its place: an On-Demand Instance does. */
  readonly failed: boolean;
}

export const FIRST_WAIT_MINUTES = 10;
export const LONGEST_WAIT_MINUTES = 60;

const iso = (time: number): string => new Date(time).toISOString();

export function formatMark(mark: Mark): string {
  const { instances, since, waitMinutes, until, heldUntil, detached, failed } = mark;
  return [
    String(instances),
    iso(since),
    `wait=${waitMinutes}`,
    `until=${iso(until)}`,
    ...(heldUntil === undefined ? [] : [`held=${iso(heldUntil)}`]),
    ...(detached === undefined ? [] : [`detached=${detached}`]),
    ...(failed ? ["failed"] : []),
  ].join(" ");
}

const INSTANCE_ID = /^i-[0-9a-f]{8,17}$/;

/** Never throws: what somebody wrote by hand stands for no more than it says, and what says nothing for a beginning at `now`. */
export function parseMark(value: string, now: number): Mark {
  const [count, sinceText, ...rest] = value.split(" ");
  const entries = new Map(
    rest.map((each) => {
      const [name = "", text = ""] = each.split("=", 2);
      return [name, text] as const;
    }),
  );
  const time = (text: string | undefined): number | undefined => {
    const at = Date.parse(text ?? "");
    return Number.isNaN(at) ? undefined : at;
  };
  const wait = Number(entries.get("wait"));
  const detached = entries.get("detached");
  return {
    instances: /^\d+$/.test(count ?? "") ? Number(count) : 0,
    since: Math.min(now, time(sinceText) ?? now),
    waitMinutes: wait >= FIRST_WAIT_MINUTES && wait <= LONGEST_WAIT_MINUTES ? wait : FIRST_WAIT_MINUTES,
    until: Math.min(time(entries.get("until")) ?? now, now + LONGEST_WAIT_MINUTES * 60_000),
    heldUntil: time(entries.get("held")),
    detached: detached !== undefined && INSTANCE_ID.test(detached) ? detached : undefined,
    failed: entries.has("failed"),
  };
}
