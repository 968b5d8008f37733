/** The protection of a task as ECS keeps it, where it is set, and what can be told of it. */
import type { Purpose } from "./protectionPlan";

/** A task's scale-in protection as ECS keeps it. */
export interface Protection {
  readonly enabled: boolean;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
}

/** Where protection is set: the ECS agent's endpoint, the SDK, or a simulated AWS. Every call must end by itself. */
export interface TaskProtection {
  get(): Promise<Protection>;
  /** Rejects where it is throttled, refused or fails. */
  set(enabled: boolean, expiresInMinutes?: number): Promise<Protection>;
}

export type ProtectionEvent =
  /** The task is protected, `unprotectedMs` after its work began or its protection ended. */
  | { readonly kind: "protected"; readonly expiresAt?: number; readonly unprotectedMs: number }
  | { readonly kind: "renewed"; readonly expiresAt?: number }
  /** The idle task is protected no more. */
  | { readonly kind: "released" }
  /** Somebody shortened the protection of a task that works, or ended it: it is set again at once. */
  | { readonly kind: "shortened"; readonly expiresAt?: number }
  /** Somebody else protects the task, beyond our time or while it is idle: that is left alone. */
  | { readonly kind: "foreign"; readonly expiresAt?: number }
  /** A call failed, and is made again after `retryInMs`. */
  | {
      readonly kind: "failed";
      readonly during: Purpose;
      readonly error: unknown;
      /** The how manyth failure in a row. */
      readonly attempt: number;
      readonly retryInMs: number;
      /** How long there has been work in progress without protection. */
      readonly unprotectedMs: number;
    };
