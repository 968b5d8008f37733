import type { Instance } from "../ec2/instance";

export type LifecycleState = "Pending" | "InService" | "Terminating:Wait" | "Terminating:Proceed";

/** An instance as its group sees it. */
export interface Member {
  readonly instance: Instance;
  lifecycleState: LifecycleState;
  protectedFromScaleIn: boolean;
  /** Why it ends once its replacement is in service; it no longer counts towards desired capacity. */
  leaving: string | undefined;
}

export const isEnding = (member: Member): boolean => member.lifecycleState.startsWith("Terminating");

/** Members that count towards desired capacity. */
export const counts = (member: Member): boolean => !isEnding(member) && member.leaving === undefined;

/** Protection from scale-in starts when an instance is InService. */
export const isProtected = (member: Member): boolean =>
  member.protectedFromScaleIn && member.lifecycleState === "InService";
