/**
 * What arrives on the events queue, one JSON text per message:
 *
 * ```json
 * {"version":"0","id":"12345678-1234-1234-1234-123456789012","detail-type":"EC2 Spot Instance Interruption Warning",
 *  "source":"aws.ec2","account":"123456789012","time":"2026-01-01T00:00:00Z","region":"us-east-2",
 *  "resources":["arn:aws:ec2:us-east-2:123456789012:instance/i-1234567890abcdef0"],
 *  "detail":{"instance-id":"i-1234567890abcdef0","instance-action":"terminate"}}
 * ```
 *
 * beside `"detail-type":"EC2 Instance Rebalance Recommendation"`, whose detail is the instance's id alone, the schedule's
 * `"detail-type":"Scheduled Event"` and the function's own delayed {@link CheckMessage}.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
 */
import { parseBody, type Ignored } from "../lambda";
import { INTERRUPTION_NOTICE_SECONDS, MARGIN_SECONDS } from "../timeBudget";

/** A message to itself: look at this instance again. */
export interface CheckMessage {
  readonly kind: "check";
  readonly instanceId: string;
  /** When the instance goes, in milliseconds since the epoch. */
  readonly deadline: number;
}

export interface InterruptionEvent {
  readonly kind: "interruption";
  readonly instanceId: string;
  readonly noticedAt: number;
  readonly deadline: number;
}

export interface RecommendationEvent {
  readonly kind: "recommendation";
  readonly instanceId: string;
  /** When EC2 recommended to replace it, in milliseconds since the epoch. */
  readonly at: number;
}

export type DrainEvent = InterruptionEvent | CheckMessage | RecommendationEvent | { readonly kind: "sweep" } | Ignored;

/** Older sweeps are dropped: the schedule has sent a later one. */
const SWEEP_SECONDS = 60;

const INSTANCE_ID = /^i-[0-9a-f]{8,17}$/;

interface Raw {
  readonly kind?: unknown;
  readonly instanceId?: unknown;
  readonly deadline?: unknown;
  readonly "detail-type"?: unknown;
  readonly source?: unknown;
  readonly time?: unknown;
  readonly detail?: { readonly "instance-id"?: unknown } | null;
}

const ignored = (reason: string): DrainEvent => ({ kind: "ignored", reason });

/** Parses a message's body. Never throws: what it doesn't know is ignored with a reason. */
export function parseEvent(body: unknown, now: number): DrainEvent {
  const raw: Raw | string = parseBody(body);
  if (typeof raw === "string") return ignored(raw);
  if (raw.kind === "check") return parseCheck(raw, now);
  if (raw["detail-type"] === "Scheduled Event") return parseSweep(raw, now);
  if (raw.source === "aws.ec2" && raw["detail-type"] === "EC2 Spot Instance Interruption Warning") {
    return parseInterruption(raw, now);
  }
  if (raw.source === "aws.ec2" && raw["detail-type"] === "EC2 Instance Rebalance Recommendation") {
    return parseRecommendation(raw, now);
  }
  return ignored(`unknown event ${JSON.stringify(raw["detail-type"] ?? raw.kind ?? null)}`);
}

function parseInterruption(raw: Raw, now: number): DrainEvent {
  const instanceId = raw.detail?.["instance-id"];
  if (typeof instanceId !== "string" || !INSTANCE_ID.test(instanceId)) return ignored("notice without an instance id");
  const time = Date.parse(String(raw.time));
  if (Number.isNaN(time)) return ignored("notice without a time");
  // A clock that runs ahead of ours must not give an instance more than its two minutes.
  const noticedAt = Math.min(time, now);
  const deadline = noticedAt + INTERRUPTION_NOTICE_SECONDS * 1000;
  return unlessPast({ kind: "interruption", instanceId, noticedAt, deadline }, now);
}

function parseRecommendation(raw: Raw, now: number): DrainEvent {
  const instanceId = raw.detail?.["instance-id"];
  if (typeof instanceId !== "string" || !INSTANCE_ID.test(instanceId)) {
    return ignored("recommendation without an instance id");
  }
  const time = Date.parse(String(raw.time));
  if (Number.isNaN(time)) return ignored("recommendation without a time");
  return { kind: "recommendation", instanceId, at: Math.min(time, now) };
}

function parseCheck(raw: Raw, now: number): DrainEvent {
  const { instanceId, deadline } = raw;
  if (typeof instanceId !== "string" || !INSTANCE_ID.test(instanceId)) return ignored("check without an instance id");
  if (typeof deadline !== "number" || !Number.isFinite(deadline)) return ignored("check without a deadline");
  // Checks send each other on, so one with a deadline that no notice can have would go on for as long.
  const latest = now + (INTERRUPTION_NOTICE_SECONDS + MARGIN_SECONDS) * 1000;
  if (deadline > latest) return ignored("check whose deadline is further away than any notice's");
  return unlessPast({ kind: "check", instanceId, deadline }, now);
}

function parseSweep(raw: Raw, now: number): DrainEvent {
  const age = now - Date.parse(String(raw.time));
  return age > SWEEP_SECONDS * 1000 ? ignored("an old sweep: a later one has come") : { kind: "sweep" };
}

function unlessPast(event: InterruptionEvent | CheckMessage, now: number): DrainEvent {
  if (now < event.deadline) return event;
  // Not toISOString, which throws on what no date can be.
  return ignored(`too late: ${event.instanceId} was to end ${Math.round((now - event.deadline) / 1000)} s ago`);
}
