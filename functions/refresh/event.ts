/**
 * What arrives on the function's queue, one JSON text per message: the schedule's event, a change of a private parameter that holds
 * the AMI's id,
 *
 * ```json
 * {"version":"0","id":"6a7e4feb-b491-4cf7-a9f1-bf3703497718","detail-type":"Parameter Store Change","source":"aws.ssm",
 *  "account":"123456789012","time":"2026-01-01T00:00:00Z","region":"us-east-2",
 *  "resources":["arn:aws:ssm:us-east-2:123456789012:parameter/golden/ami"],
 *  "detail":{"operation":"Update","name":"/golden/ami","type":"String"}}
 * ```
 *
 * and what becomes of an instance refresh, whoever began it,
 *
 * ```json
 * {"version":"0","id":"12345678-1234-1234-1234-123456789012","detail-type":"EC2 Auto Scaling Instance Refresh Succeeded",
 *  "source":"aws.autoscaling","account":"123456789012","time":"2026-01-01T00:00:00Z","region":"us-east-2",
 *  "resources":["arn:aws:autoscaling:us-east-2:123456789012:autoScalingGroup:…:autoScalingGroupName/shop-group"],
 *  "detail":{"InstanceRefreshId":"c613620e-07e2-4ed2-a9e2-ef8258911ade","AutoScalingGroupName":"shop-group"}}
 * ```
 *
 * Each of them is a reason to look: what to do follows from the state alone.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html
 */
import { parseBody, type Ignored } from "../lambda";
import type { RefreshSettings } from "./settings";

export type RefreshEvent =
  | { readonly kind: "look" }
  /** A refresh of one of the cluster's groups has failed, or was rolled back. */
  | { readonly kind: "failed"; readonly autoScalingGroupName: string; readonly instanceRefreshId: string }
  | Ignored;

/** Older sweeps are dropped: the schedule has sent a later one. */
const SWEEP_SECONDS = 300;

const REFRESH = "EC2 Auto Scaling Instance Refresh ";

interface Raw {
  readonly "detail-type"?: unknown;
  readonly source?: unknown;
  readonly time?: unknown;
  readonly detail?: { readonly AutoScalingGroupName?: unknown; readonly InstanceRefreshId?: unknown } | null;
}

const ignored = (reason: string): RefreshEvent => ({ kind: "ignored", reason });

/** Parses a message's body. Never throws: what it doesn't know is ignored with a reason. */
export function parseEvent(
  body: unknown,
  { autoScalingGroupNames }: Pick<RefreshSettings, "autoScalingGroupNames">,
  now: number,
): RefreshEvent {
  const raw: Raw | string = parseBody(body);
  if (typeof raw === "string") return ignored(raw);
  const type = raw["detail-type"];
  if (type === "Scheduled Event") return parseSweep(raw, now);
  if (raw.source === "aws.ssm" && type === "Parameter Store Change") return { kind: "look" };
  if (raw.source === "aws.autoscaling" && typeof type === "string" && type.startsWith(REFRESH)) {
    return parseRefresh(type.slice(REFRESH.length), raw, autoScalingGroupNames);
  }
  return ignored(`unknown event ${JSON.stringify(type ?? null)}`);
}

function parseSweep({ time }: Raw, now: number): RefreshEvent {
  const age = now - Date.parse(String(time));
  return age > SWEEP_SECONDS * 1000 ? ignored("an old sweep: a later one has come") : { kind: "look" };
}

function parseRefresh(outcome: string, { detail }: Raw, groupNames: readonly string[]): RefreshEvent {
  const autoScalingGroupName = detail?.AutoScalingGroupName;
  if (typeof autoScalingGroupName !== "string" || !groupNames.includes(autoScalingGroupName)) {
    return ignored(`a refresh of another group, ${JSON.stringify(autoScalingGroupName ?? null)}`);
  }
  const hasFailed = /^(Failed|Rollback (Succeeded|Failed))$/.test(outcome);
  const instanceRefreshId = detail?.InstanceRefreshId;
  if (!hasFailed || typeof instanceRefreshId !== "string") return { kind: "look" };
  return { kind: "failed", autoScalingGroupName, instanceRefreshId };
}
