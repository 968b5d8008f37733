/** Why requests failed, as a reader understands it. */
import type { FailureCause } from "../traffic/tally";

export const CAUSES: Readonly<Record<FailureCause, string>> = {
  deadTarget: "sent to a target that was gone",
  killedInFlight: "killed while worked on",
  scaleIn: "cut as ECS scaled in, deployed or moved a task",
  outlastsNotice: "took longer than an interruption's notice",
  withoutNotice: "lost with an instance that had no notice",
  noTarget: "no target registered",
  overload: "more than the tasks could do",
  drainTimeout: "cut off when draining ended",
  keepAlive: "on a connection that its server was closing",
  outage: "no pool had an instance to give",
  recovery: "instances booted after that",
};
