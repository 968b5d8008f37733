/** What it is put down to that a container ends, or that the balancer closes its connections, while it works. */
import { SPOT } from "../world/constants";
import type { Instance } from "../world/ec2/instance";
import type { StopCause, Task } from "../world/ecs/task";
import type { CutCause } from "./tally";

/** When a request that is cut began, and when it would have ended. */
export interface CutRequest {
  readonly begunAt: number;
  readonly endsAt: number;
}

export type CauseOf = (request?: CutRequest) => CutCause;

/**
 * A notice isn't heard, and its targets aren't out of the balancer, at once: whoever handles it, what comes in the meantime is
 * worked on by what is about to go. Detection and propagation, each up to 5 s.
 */
const REACTION_MS = 10_000;

/** Why the scheduler stops a task that could have gone on. */
const TAKEN: ReadonlySet<StopCause | undefined> = new Set(["scaleIn", "zoneRebalancing", "deployment"]);

/** Whether it could have gone on: a function stops a task because its instance goes, or because the service scales in. */
function isTaken({ stopCause, stoppedBy, instance }: Task): boolean {
  return TAKEN.has(stopCause) || (stoppedBy !== undefined && instance?.status === "ACTIVE");
}

/** @param otherwise where nothing else is to blame */
export function causeOf(task: Task, isHostGone: boolean, otherwise: "killedInFlight" | "drainTimeout"): CauseOf {
  const interruption = task.instance?.ec2.interruption;
  if (isSilent(interruption) && isHostGone) return () => "withoutNotice";
  if (isTaken(task)) return () => "scaleIn";
  return (request) => (request !== undefined && outlasts(request, interruption) ? "outlastsNotice" : otherwise);
}

export const isSilent = (interruption: Instance["interruption"]): boolean =>
  interruption !== undefined && interruption.noticedAt === undefined;

/** Short requests don't: none of a few seconds lasts two minutes. */
function outlasts({ begunAt, endsAt }: CutRequest, interruption: Instance["interruption"]): boolean {
  if (interruption?.noticedAt === undefined) return false;
  const { noticedAt } = interruption;
  return begunAt <= noticedAt + REACTION_MS && endsAt > Math.max(interruption.endsAt, noticedAt + SPOT.noticeMs);
}
