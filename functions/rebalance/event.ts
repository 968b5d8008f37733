/**
 * What arrives on the function's queue, one JSON text per message: the schedule's event every five minutes,
 *
 * ```json
 * {"version":"0","id":"12345678-1234-1234-1234-123456789012","detail-type":"Scheduled Event","source":"aws.events",
 *  "account":"123456789012","time":"2026-01-01T00:00:00Z","region":"eu-west-1",
 *  "resources":["arn:aws:events:eu-west-1:123456789012:rule/shop-rebalance-schedule"],"detail":{}}
 * ```
 *
 * an instance that the group has launched,
 *
 * ```json
 * {"version":"0","id":"12345678-1234-1234-1234-123456789012","detail-type":"EC2 Instance Launch Successful",
 *  "source":"aws.autoscaling","account":"123456789012","time":"2026-01-01T00:00:00Z","region":"eu-west-1",
 *  "resources":["auto-scaling-group-arn","instance-arn"],
 *  "detail":{"StatusCode":"InProgress","AutoScalingGroupName":"shop","EC2InstanceId":"i-0123456789abcdef0"}}
 * ```
 *
 * and the function's own delayed messages: a look at the cluster, `{"kind":"look","until":1767225675000,"begins":true}`, and a
 * {@link CheckMessage} of one service whose tasks retire.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
 */
import { parseBody, type Ignored } from "../lambda";
import type { CheckMessage } from "../retire/act";
import type { RebalanceSettings } from "./settings";

/** A message to itself: look at the cluster again. */
export interface LookMessage {
  readonly kind: "look";
  /** When looks stop sending each other on, in milliseconds since the epoch. */
  readonly until: number;
  /** Whether a round of moves may begin. */
  readonly begins: boolean;
}

export type RebalanceEvent =
  /** `begins` where it is time for a round; the other times it looks after what has begun. */
  | { readonly kind: "schedule"; readonly begins: boolean }
  | { readonly kind: "joined" }
  | LookMessage
  | CheckMessage
  | Ignored;

/** How often the schedule comes: as long may a lost message leave tasks marked. */
export const SCHEDULE_MINUTES = 5;
/** For how long looks send each other on: until the schedule has surely begun others. */
export const CHAIN_SECONDS = 330;

const MINUTE_MS = 60_000;

interface Raw {
  readonly kind?: unknown;
  readonly service?: unknown;
  readonly until?: unknown;
  readonly outAt?: unknown;
  readonly begins?: unknown;
  readonly "detail-type"?: unknown;
  readonly source?: unknown;
  readonly time?: unknown;
  readonly detail?: { readonly AutoScalingGroupName?: unknown } | null;
}

type Ours = Pick<RebalanceSettings, "autoScalingGroupName" | "intervalMinutes">;

const ignored = (reason: string): RebalanceEvent => ({ kind: "ignored", reason });

/** Parses a message's body. Never throws: what it doesn't know is ignored with a reason. */
export function parseEvent(body: unknown, ours: Ours, now: number): RebalanceEvent {
  const raw: Raw | string = parseBody(body);
  if (typeof raw === "string") return ignored(raw);
  if (raw.kind === "look" || raw.kind === "check") return parseOwn(raw, now);
  if (raw["detail-type"] === "Scheduled Event") return parseSchedule(raw, ours, now);
  if (raw.source === "aws.autoscaling" && raw["detail-type"] === "EC2 Instance Launch Successful") {
    return parseLaunch(raw, ours);
  }
  return ignored(`unknown event ${JSON.stringify(raw["detail-type"] ?? raw.kind ?? null)}`);
}

/** Looks send each other on, so one that goes on for longer than any that was begun would never be outlived. */
function parseOwn({ kind, service, until, outAt, begins }: Raw, now: number): RebalanceEvent {
  if (typeof until !== "number" || !Number.isFinite(until)) return ignored("look that doesn't say until when");
  if (until > now + 2 * CHAIN_SECONDS * 1000) return ignored("look that goes on for longer than any");
  if (kind === "look") return { kind, until, begins: begins === true };
  if (typeof service !== "string" || service === "") return ignored("check that names no service");
  const isKnown = typeof outAt === "number" && outAt <= now;
  return { kind: "check", service, until, ...(isKnown ? { outAt } : {}) };
}

function parseSchedule(raw: Raw, { intervalMinutes }: Ours, now: number): RebalanceEvent {
  const time = Date.parse(String(raw.time));
  if (now - time > SCHEDULE_MINUTES * MINUTE_MS) return ignored("an old schedule: a later one has come");
  const intervalOf = (at: number): number => Math.floor(at / (intervalMinutes * MINUTE_MS));
  return { kind: "schedule", begins: intervalOf(time) !== intervalOf(time - SCHEDULE_MINUTES * MINUTE_MS) };
}

function parseLaunch({ detail }: Raw, { autoScalingGroupName }: Ours): RebalanceEvent {
  const name = detail?.AutoScalingGroupName;
  return name === autoScalingGroupName
    ? { kind: "joined" }
    : ignored(`another group's instance, ${JSON.stringify(name ?? null)}`);
}
