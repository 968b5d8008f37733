import type { Pool } from "./spotMarket";

export type Lifecycle = "spot" | "on-demand";

export type InstanceState = "pending" | "running" | "shutting-down" | "terminated";

/** What EC2 needs to launch one instance. */
export interface LaunchSpec extends Pool {
  readonly lifecycle: Lifecycle;
  /** The launch template's user data, decoded. */
  readonly userData: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The AMI, and the launch template's version that named it. */
  readonly imageId?: string;
  readonly launchTemplateVersion?: number;
  /** The group that asks, for the log and the bill. */
  readonly autoScalingGroupName: string;
}

export interface Interruption {
  readonly endsAt: number;
  /** When the metadata service showed the notice; undefined: never. */
  readonly noticedAt: number | undefined;
  /** Whether the event of the notice got lost on its way to EventBridge, as best-effort events may. */
  readonly eventLost: boolean;
}

export interface Instance extends LaunchSpec {
  readonly id: string;
  readonly launchedAt: number;
  state: InstanceState;
  /** When EC2 takes it back, once that is decided; whether anyone was told. */
  interruption?: Interruption;
  recommendedAt?: number;
  endedAt?: number;
  endReason?: string;
}
