import type { Protection, TaskProtection } from "../../runtime/workProtection";
import type { FakeClock } from "./fakeClock";

/** What becomes of a call: answered; refused; or carried out, with the answer lost. */
export type Outcome = "answered" | "refused" | "answerLost";

export interface Call {
  readonly kind: "get" | "protect" | "release";
  readonly sentAt: number;
}

const MINUTE = 60_000;

/** One task's protection at ECS, which others may set too. */
export class FakeEcs implements TaskProtection {
  latencyMs = 100;
  outcome: Outcome = "answered";
  readonly calls: Call[] = [];
  readonly breaches: string[] = [];
  /** Called at every call that would end protection. */
  whenReleased: () => void = () => {};
  #expiresAt = 0;
  #setBy: "task" | "others" = "task";
  #calling = 0;
  #othersSeen = false;
  /** After a call without an answer, who set what can't always be told. */
  #everFailed = false;

  constructor(readonly clock: FakeClock) {}

  /** Milliseconds of protection left; 0 where there is none. */
  get leftMs(): number {
    return Math.max(0, this.#expiresAt - this.clock.now());
  }

  get setBy(): "task" | "others" {
    return this.#setBy;
  }

  get kinds(): string[] {
    return this.calls.map((call) => call.kind);
  }

  /** Somebody else protects the task for so many minutes, or ends its protection with 0. */
  others(minutes: number): void {
    this.#setBy = "others";
    this.#expiresAt = this.clock.now() + minutes * MINUTE;
  }

  get(): Promise<Protection> {
    return this.#call("get", () => {
      this.#othersSeen = this.#setBy === "others" && this.leftMs > 0;
    });
  }

  set(enabled: boolean, expiresInMinutes = 120): Promise<Protection> {
    if (!enabled && this.#othersSeen && !this.#everFailed)
      this.breaches.push("ended what somebody else began, and knew it");
    if (!enabled) this.whenReleased();
    return this.#call(enabled ? "protect" : "release", () => {
      this.#setBy = "task";
      this.#expiresAt = enabled ? this.clock.now() + expiresInMinutes * MINUTE : 0;
    });
  }

  async #call(kind: Call["kind"], carryOut: () => void): Promise<Protection> {
    const { outcome } = this;
    if (this.#calling > 0) this.breaches.push(`two calls at once: ${kind}`);
    this.calls.push({ kind, sentAt: this.clock.now() });
    this.#calling++;
    // ECS acts between the request and the answer.
    await this.clock.wait(this.latencyMs / 2);
    if (outcome !== "refused") carryOut();
    const state = this.leftMs > 0 ? { enabled: true, expiresAt: this.#expiresAt } : { enabled: false };
    await this.clock.wait(this.latencyMs / 2);
    this.#calling--;
    this.#everFailed ||= outcome !== "answered";
    if (outcome !== "answered") throw new Error(outcome);
    return state;
  }
}
