/**
 * What arrives on the function's queue, one JSON text per message: the low alarm's change,
 *
 * ```json
 * {"version":"0","id":"12345678-1234-1234-1234-123456789012","detail-type":"CloudWatch Alarm State Change",
 *  "source":"aws.cloudwatch","account":"123456789012","time":"2026-01-01T00:00:00Z","region":"eu-west-1",
 *  "resources":["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:api-few-requests"],
 *  "detail":{"alarmName":"api-few-requests","configuration":{"metrics":[]},
 *   "previousState":{"value":"OK","timestamp":"2025-12-31T23:00:00.000+0000"},
 *   "state":{"value":"ALARM","reason":"Threshold Crossed","timestamp":"2026-01-01T00:00:00.000+0000"}}}
 * ```
 *
 * the schedule's event every minute, since an alarm tells of its changes only,
 *
 * ```json
 * {"version":"0","id":"12345678-1234-1234-1234-123456789012","detail-type":"Scheduled Event","source":"aws.events",
 *  "account":"123456789012","time":"2026-01-01T00:00:00Z","region":"eu-west-1",
 *  "resources":["arn:aws:events:eu-west-1:123456789012:rule/api-every-minute"],"detail":{}}
 * ```
 *
 * and the function's own delayed {@link CheckMessage}:
 * `{"kind":"check","service":"api","until":1767225675000,"outAt":1767225605000}`.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
import { parseBody, type Ignored } from "../lambda";
import type { CheckMessage } from "../retire/act";
import type { ScaleInSettings } from "./settings";

export type ScaleInEvent =
  | { readonly kind: "alarm" }
  /** `looks` where it looks for forgotten marks although the low alarm is OK. */
  | { readonly kind: "sweep"; readonly looks: boolean }
  | CheckMessage
  | Ignored;

/** For how long looks that an event began send each other on: until the schedule has surely begun others. */
export const CHAIN_SECONDS = 75;

/** Older sweeps are dropped: the schedule has sent a later one. */
const SWEEP_SECONDS = 60;
/** While the low alarm is OK, a forgotten mark may wait for so many minutes; what is looked for is rare and costs calls. */
const LOOK_MINUTES = 5;

interface Raw {
  readonly kind?: unknown;
  readonly service?: unknown;
  readonly until?: unknown;
  readonly outAt?: unknown;
  readonly "detail-type"?: unknown;
  readonly source?: unknown;
  readonly time?: unknown;
  readonly detail?: {
    readonly alarmName?: unknown;
    readonly state?: { readonly value?: unknown } | null;
  } | null;
}

type Ours = Pick<ScaleInSettings, "serviceName" | "lowAlarmName">;

const ignored = (reason: string): ScaleInEvent => ({ kind: "ignored", reason });

/** Parses a message's body. Never throws: what it doesn't know is ignored with a reason. */
export function parseEvent(body: unknown, ours: Ours, now: number): ScaleInEvent {
  const raw: Raw | string = parseBody(body);
  if (typeof raw === "string") return ignored(raw);
  if (raw.kind === "check") return parseCheck(raw, ours, now);
  if (raw["detail-type"] === "Scheduled Event") return parseSweep(raw, now);
  if (raw.source === "aws.cloudwatch" && raw["detail-type"] === "CloudWatch Alarm State Change") {
    return parseAlarm(raw, ours);
  }
  return ignored(`unknown event ${JSON.stringify(raw["detail-type"] ?? raw.kind ?? null)}`);
}

function parseCheck({ service, until = 0, outAt }: Raw, ours: Ours, now: number): ScaleInEvent {
  if (service !== ours.serviceName) return ignored(`check of another service, ${JSON.stringify(service ?? null)}`);
  if (typeof until !== "number" || !Number.isFinite(until)) return ignored("check that doesn't say until when");
  // Checks send each other on, so one that goes on for longer than any that was begun would never be outlived.
  if (until > now + 2 * CHAIN_SECONDS * 1000) return ignored("check that goes on for longer than any");
  const isKnown = typeof outAt === "number" && outAt <= now;
  return { kind: "check", service: ours.serviceName, until, ...(isKnown ? { outAt } : {}) };
}

function parseSweep(raw: Raw, now: number): ScaleInEvent {
  const time = Date.parse(String(raw.time));
  if (now - time > SWEEP_SECONDS * 1000) return ignored("an old sweep: a later one has come");
  return { kind: "sweep", looks: Number.isNaN(time) || Math.floor(time / 60_000) % LOOK_MINUTES === 0 };
}

function parseAlarm({ detail }: Raw, { lowAlarmName }: Ours): ScaleInEvent {
  if (detail?.alarmName !== lowAlarmName) return ignored(`another alarm, ${JSON.stringify(detail?.alarmName ?? null)}`);
  const value = detail.state?.value;
  return value === "ALARM" ? { kind: "alarm" } : ignored(`the alarm went to ${JSON.stringify(value ?? null)}`);
}
