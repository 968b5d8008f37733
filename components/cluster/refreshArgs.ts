/** When and how the instances of a cluster are replaced for a newer AMI. */
import type * as pulumi from "@pulumi/pulumi";

export const REFRESHES = ["off", "notify", "auto"] as const;
export type Refresh = (typeof REFRESHES)[number];

/** In the order of Date's days. */
export const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
export type Day = (typeof DAYS)[number];

export interface RefreshArgs {
  /**
   * What becomes of instances that run an older AMI: nobody looks, you are told, or they are replaced in the window.
   * @default "notify": nothing is replaced at a time that you haven't chosen
   */
  refresh?: Refresh;
  /** Days on which a window begins. @default every day */
  refreshDays?: Day[];
  /** When it begins, `HH:MM` by the clocks of the time zone. @default "02:00" */
  refreshStartTime?: string;
  /** For how long a refresh may begin; one that has begun goes on. @default 240 */
  refreshWindowMinutes?: number;
  /** IANA time zone. @default "UTC" */
  refreshTimeZone?: string;
  /** A refresh that takes longer is cancelled. @default 180 */
  refreshMaxMinutes?: number;
  /** How large a group may be while its instances are replaced, in percent of its desired capacity. @default 200 */
  refreshMaxHealthyPercent?: number;
  /** After so many percent of the instances a refresh stops for a while. @default none */
  refreshCheckpointPercents?: number[];
  /** For how long it stops there. @default 600 */
  refreshCheckpointDelaySeconds?: number;
  /** From a new instance's start until it takes tasks: boot, agent, first images. @default 180 */
  refreshInstanceWarmupSeconds?: number;
  /** CloudWatch alarms, one of which in ALARM rolls a refresh back. @default none */
  refreshAlarmNames?: pulumi.Input<string>[];
}

export const REFRESH_DEFAULTS = {
  refresh: "notify",
  refreshDays: [...DAYS] as Day[],
  refreshStartTime: "02:00",
  refreshWindowMinutes: 240,
  refreshTimeZone: "UTC",
  refreshMaxMinutes: 180,
  refreshMaxHealthyPercent: 200,
  refreshCheckpointPercents: [] as number[],
  refreshCheckpointDelaySeconds: 600,
  refreshInstanceWarmupSeconds: 180,
  refreshAlarmNames: [] as pulumi.Input<string>[],
} as const;

export type RefreshSettings = { readonly [K in keyof RefreshArgs]-?: NonNullable<RefreshArgs[K]> };
