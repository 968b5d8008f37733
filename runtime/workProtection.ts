/**
 * Protects a task from scale-in and deployments while it works.
 *
 * The protection of a task is one value that whoever calls last sets for everybody: the container itself, a
 * function, a person. So this looks again at what ECS has, sets again what
 * somebody shortened, and doesn't end what somebody else began.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
 */
import { Holding, type Standing } from "./holding";
import { ProtectionError } from "./protectionError";
import { protectionTimes, type ProtectionTimes } from "./protectionOptions";
import { nextStep, type Purpose, type Situation } from "./protectionPlan";
import { backgroundTimers } from "./realTimers";
import { Retries } from "./retries";
import type { Protection, ProtectionEvent, TaskProtection } from "./taskProtection";
import type { Timers } from "./timers";

export type { Protection, ProtectionEvent, Purpose, TaskProtection, Timers };

export interface WorkProtectionOptions extends Partial<ProtectionTimes> {
  readonly protection: TaskProtection;
  /** @default the machine's clock */
  readonly timers?: Timers;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
  /** Told of whatever happens; what it throws is dropped. @default nobody */
  readonly report?: (event: ProtectionEvent) => void;
}

const MINUTE_MS = 60_000;

/** One per task. Makes one call at a time, and none while the task is idle and unprotected. */
export class WorkProtection {
  readonly #protection: TaskProtection;
  readonly #timers: Timers;
  readonly #report: (event: ProtectionEvent) => void;
  readonly #times: ProtectionTimes;
  readonly #holding = new Holding();
  readonly #retries: Retries;
  #inProgress = 0;
  #workingSince = 0;
  #idleSince = 0;
  #answeredAt = 0;
  #lookAgainAt = 0;
  #unprotectedMs = 0;
  #foreignExpiry: number | undefined;
  #timer: unknown;
  #calling: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** Throws a RangeError that names every time that can't be. */
  constructor({ protection, timers, random, report, ...times }: WorkProtectionOptions) {
    this.#protection = protection;
    this.#timers = timers ?? backgroundTimers;
    this.#retries = new Retries(random ?? Math.random);
    this.#report = report ?? (() => undefined);
    this.#times = protectionTimes(times);
  }

  /** Units of work that have begun and not ended. */
  get inProgress(): number {
    return this.#inProgress;
  }

  /** Whether the task is protected, as far as is known. */
  get isProtected(): boolean {
    return this.#holding.coveredUntil > this.#timers.now();
  }

  /** Milliseconds, in all, in which work was in progress without protection. */
  get unprotectedMs(): number {
    return this.#unprotectedMs + this.#gap();
  }

  /** A unit of work begins; the returned function ends it (calling it twice is once). Never throws, never waits. */
  begin(): () => void {
    if (this.#inProgress === 0) this.#startWorking();
    this.#inProgress++;
    this.#look();
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#end();
    };
  }

  /** Makes no further call but one that releases, where no work is in progress. Never rejects. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#cancelTimer();
    await this.#calling;
    if (this.#inProgress === 0 && this.#holding.mayHold(this.#timers.now())) await this.#call("release");
  }

  #startWorking(): void {
    this.#workingSince = this.#timers.now();
    // New work doesn't wait for a release that fails.
    if (this.#retries.of === "release") this.#retries.clear();
  }

  #end(): void {
    if (this.#inProgress === 1) {
      this.#closeGap();
      this.#idleSince = this.#timers.now();
    }
    this.#inProgress--;
    if (this.#inProgress === 0) this.#look();
  }

  /** Does what is due, or sets the one timer for it. */
  #look(): void {
    if (this.#stopping !== undefined || this.#calling !== undefined) return;
    this.#cancelTimer();
    const now = this.#timers.now();
    const step = nextStep(this.#situation(now), now, this.#times);
    if (step.kind === "rest") return;
    if (step.kind === "wait") {
      this.#timer = this.#timers.after(Math.ceil(step.until - now), () => this.#look());
      return;
    }
    this.#calling = this.#call(step.kind).then(() => {
      this.#calling = undefined;
      this.#look();
    });
  }

  #cancelTimer(): void {
    if (this.#timer !== undefined) this.#timers.cancel(this.#timer);
    this.#timer = undefined;
  }

  #situation(now: number): Situation {
    return {
      inProgress: this.#inProgress,
      idleSince: this.#idleSince,
      coveredUntil: this.#holding.coveredUntil,
      setAgain: this.#holding.setAgain,
      mayHold: this.#holding.mayHold(now),
      answeredAt: this.#answeredAt,
      retryAt: this.#retries.at,
      lookAgainAt: this.#lookAgainAt,
    };
  }

  async #call(purpose: Purpose): Promise<void> {
    try {
      await this.#carryOut(purpose);
      this.#retries.clear();
    } catch (error) {
      this.#failed(purpose, error);
    }
  }

  #carryOut(purpose: Purpose): Promise<void> {
    switch (purpose) {
      case "protect":
      case "renew":
        return this.#protect(purpose);
      case "check":
        return this.#check();
      case "release":
        return this.#release();
    }
  }

  async #protect(purpose: Purpose): Promise<void> {
    const sentAt = this.#timers.now();
    const ms = this.#times.expiresInMinutes * MINUTE_MS;
    try {
      const answer = await this.#protection.set(true, this.#times.expiresInMinutes);
      if (!answer.enabled) throw new Error("ECS answered that the task is not protected");
      const unprotectedMs = this.#closeGap();
      this.#answeredAt = this.#timers.now();
      this.#holding.given(sentAt, ms, answer);
      const { expiresAt } = answer;
      this.#tell(
        purpose === "renew" ? { kind: "renewed", expiresAt } : { kind: "protected", expiresAt, unprotectedMs },
      );
    } catch (error) {
      const changedNothing = error instanceof ProtectionError && error.changedNothing;
      if (!changedNothing) this.#holding.unsure(sentAt, ms, this.#timers.now());
      throw error;
    }
  }

  async #check(): Promise<void> {
    const state = await this.#protection.get();
    const standing = this.#learn(state);
    if (standing === "shorter" || standing === "gone") this.#tell({ kind: "shortened", expiresAt: state.expiresAt });
    if (standing === "longer") this.#tellForeign(state);
  }

  /** Another's protection is left alone; ours ends, unless work began in the meantime. */
  async #release(): Promise<void> {
    const idleSince = this.#idleSince;
    const state = await this.#protection.get();
    const isOurs = this.#holding.isOurs(state);
    this.#learn(state);
    if (this.#inProgress > 0 || this.#idleSince !== idleSince) return;
    if (state.enabled && !isOurs) {
      this.#lookAgainAt = this.#timers.now() + this.#times.idleSeconds * 1000;
      this.#tellForeign(state);
      return;
    }
    if (state.enabled) {
      this.#holding.releasing(this.#timers.now());
      const answer = await this.#protection.set(false);
      if (answer.enabled) throw new Error("ECS answered that the task is still protected");
    }
    this.#holding.released(this.#timers.now());
    this.#tell({ kind: "released" });
  }

  #learn(state: Protection): Standing {
    const now = this.#timers.now();
    this.#answeredAt = now;
    return this.#holding.learn(state, now);
  }

  #failed(during: Purpose, error: unknown): void {
    const retry = this.#retries.failed(during, this.#timers.now());
    this.#tell({ kind: "failed", during, error, ...retry, unprotectedMs: this.#gap() });
  }

  /** How long work has been in progress without protection. */
  #gap(): number {
    if (this.#inProgress === 0) return 0;
    return Math.max(0, this.#timers.now() - Math.max(this.#workingSince, this.#holding.coveredUntil));
  }

  #closeGap(): number {
    const gap = this.#gap();
    this.#unprotectedMs += gap;
    return gap;
  }

  /** Told once, not at every look. */
  #tellForeign({ expiresAt }: Protection): void {
    if (expiresAt === this.#foreignExpiry) return;
    this.#foreignExpiry = expiresAt;
    this.#tell({ kind: "foreign", expiresAt });
  }

  #tell(event: ProtectionEvent): void {
    try {
      this.#report(event);
    } catch {
      // A report that fails must not reach the work.
    }
  }
}
