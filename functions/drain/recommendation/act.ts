/** Carries out what is done about recommendations beside draining and detaching. */
import type { AutoScaling } from "@aws-sdk/client-auto-scaling";
import type { ECS } from "@aws-sdk/client-ecs";
import { isNamed, type CallOptions } from "../../calls";
import { RECOMMENDATION_TAG } from "../../tags";
import type { Acting } from "../act";
import type { Action } from "../plan";
import { setStatus } from "../status";
import type { HintAction } from "./action";

export interface HintActPorts {
  readonly ecs: Pick<ECS, "tagResource" | "untagResource">;
  readonly autoScaling: Pick<AutoScaling, "attachInstances" | "setDesiredCapacity">;
}

type Of<K extends HintAction["kind"]> = Extract<HintAction, { kind: K }>;

const KINDS: readonly string[] = ["mark", "unmark", "activate", "attach", "wait"] satisfies HintAction["kind"][];

export const isHintAction = (action: Action): action is HintAction => KINDS.includes(action.kind);

/** One call for actions of one kind. */
export async function callHint(batch: readonly HintAction[], acting: Acting, options: CallOptions): Promise<unknown> {
  const [first] = batch;
  if (first === undefined) return undefined;
  switch (first.kind) {
    case "mark":
      return mark(first, acting, options);
    case "unmark":
      return unmark(first, acting, options);
    case "activate":
      return setStatus("ACTIVE", batch as readonly Of<"activate">[], acting, options);
    case "attach":
      return attach(first, acting, options);
    case "wait":
      return undefined;
    default:
      return first satisfies never;
  }
}

function mark({ containerInstanceArn, at }: Of<"mark">, { ports }: Acting, options: CallOptions) {
  const tags = [{ key: RECOMMENDATION_TAG, value: new Date(at).toISOString() }];
  return ports.ecs.tagResource({ resourceArn: containerInstanceArn, tags }, options);
}

function unmark({ containerInstanceArn }: Of<"unmark">, { ports }: Acting, options: CallOptions) {
  return ports.ecs.untagResource({ resourceArn: containerInstanceArn, tagKeys: [RECOMMENDATION_TAG] }, options);
}

/** Between the two calls the group wants fewer than it did; the next look finds that it has room. */
async function attach(
  { instanceId, lowerTo }: Of<"attach">,
  { ports, settings }: Acting,
  options: CallOptions,
): Promise<void> {
  const { autoScalingGroupName: AutoScalingGroupName } = settings;
  if (lowerTo !== undefined) {
    await ports.autoScaling.setDesiredCapacity({ AutoScalingGroupName, DesiredCapacity: lowerTo }, options);
  }
  await ports.autoScaling.attachInstances({ AutoScalingGroupName, InstanceIds: [instanceId] }, options);
}

/** Whether AWS refuses because there is nothing left to do. */
export function isHintAlreadySo({ kind }: HintAction, error: unknown): boolean {
  switch (kind) {
    case "mark":
    case "unmark":
    case "activate":
      return isNamed(error, "not found", "MISSING", "INACTIVE");
    case "attach":
      return isNamed(error, "is already part of", "Invalid Instance ID");
    case "wait":
      return false;
    default:
      return kind satisfies never;
  }
}
