/** An error that says when it makes sense to try again. */
export class RetrySoon extends Error {
  constructor(readonly retryAfterSeconds: number) {
    super("busy");
  }
}
