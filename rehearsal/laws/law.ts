/** A law holds at every moment of a rehearsal; where it doesn't, it says when, and for what. */
import type { JobLedger } from "../jobs/ledger";
import type { ServicePromise } from "./promises";
import type { World } from "../world/world";

export interface Law {
  readonly name: string;
  /** Watches the world from now on and reports every breach. */
  watch(
    world: World,
    promises: readonly ServicePromise[],
    report: (object: string, message: string) => void,
    jobs: JobLedger,
  ): void;
}
