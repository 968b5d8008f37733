import type { Instance } from "../ec2/instance";

export type LifecycleState = "Pending" | "InService" | "Terminating:Wait" | "Terminating:Proceed";

/** An instance as its group sees it. */
export interface Member {
  readonly instance: Instance;
  lifecycleState: LifecycleState;
  protectedFromScaleIn: boolean;
  /** Capacity rebalancing is replacing it: it no longer counts towards desired capacity. */
  atRisk: boolean;
}

export const isEnding = (member: Member): boolean => member.lifecycleState.startsWith("Terminating");

/** Members that count towards desired capacity. */
export const counts = (member: Member): boolean => !isEnding(member) && !member.atRisk;
