/**
 * What arrives on the events queue, one JSON text per message:
 *
 * ```json
 * {"version":"0","id":"12345678-1234-1234-1234-123456789012","detail-type":"EC2 Instance Launch Unsuccessful",
 *  "source":"aws.autoscaling","account":"123456789012","time":"2026-01-01T00:00:00Z","region":"us-west-2",
 *  "resources":["arn:aws:autoscaling:us-west-2:123456789012:autoScalingGroup:…:autoScalingGroupName/shop-group"],
 *  "detail":{"StatusCode":"Failed","AutoScalingGroupName":"shop-group","EC2InstanceId":"","EndTime":"2026-01-01T00:00:00Z",
 *   "StatusMessage":"Could not launch Spot Instances. InsufficientInstanceCapacity - There is no Spot capacity available that matches your request. Launching EC2 instance failed."}}
 * ```
 *
 * beside the schedule's `"detail-type":"Scheduled Event"`.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
 */
import { parseBody, type Ignored } from "../lambda";

/** A launch that failed, as the group tells it. */
export interface LaunchFailedEvent {
  readonly kind: "launchFailed";
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly message: string;
}

export type FallbackEvent = LaunchFailedEvent | { readonly kind: "sweep" } | Ignored;

/** Older sweeps are dropped: the schedule has sent a later one. */
const SWEEP_SECONDS = 60;

interface Raw {
  readonly "detail-type"?: unknown;
  readonly source?: unknown;
  readonly time?: unknown;
  readonly detail?: { readonly AutoScalingGroupName?: unknown; readonly StatusMessage?: unknown } | null;
}

const ignored = (reason: string): FallbackEvent => ({ kind: "ignored", reason });

/** Parses a message's body. Never throws: what it doesn't know is ignored with a reason. */
export function parseEvent(body: unknown, autoScalingGroupName: string, now: number): FallbackEvent {
  const raw: Raw | string = parseBody(body);
  if (typeof raw === "string") return ignored(raw);
  if (raw["detail-type"] === "Scheduled Event") return parseSweep(raw, now);
  if (raw.source === "aws.autoscaling" && raw["detail-type"] === "EC2 Instance Launch Unsuccessful")
    return parseLaunchFailed(raw, autoScalingGroupName, now);
  return ignored(`unknown event ${JSON.stringify(raw["detail-type"] ?? null)}`);
}

function parseSweep(raw: Raw, now: number): FallbackEvent {
  const age = now - Date.parse(String(raw.time));
  return age > SWEEP_SECONDS * 1000 ? ignored("an old sweep: a later one has come") : { kind: "sweep" };
}

function parseLaunchFailed({ time, detail }: Raw, autoScalingGroupName: string, now: number): FallbackEvent {
  if (detail?.AutoScalingGroupName !== autoScalingGroupName) return ignored("a launch of another group");
  const at = Date.parse(String(time));
  if (Number.isNaN(at)) return ignored("a failed launch without a time");
  const { StatusMessage } = detail;
  if (typeof StatusMessage !== "string") return ignored("a failed launch without a reason");
  return { kind: "launchFailed", at: Math.min(at, now), message: StatusMessage };
}
