/** What the message of a job says. */
export interface Work {
  readonly workMs: number;
}
