/** Minutes in which fewer tasks served than desired, and which interruptions they belong to. */
import { mean, quantile } from "simple-statistics";
import type { World } from "../world/world";

/** An interruption's shortfall may begin with its notice, this long before its instance goes. */
const NOTICE_MS = 120_000;
const MINUTE_MS = 60_000;

interface Episode {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Without the time in which no pool could launch. */
  readonly lostMs: number;
}

export interface CapacityLoss {
  readonly total: number;
  readonly meanPerInterruption: number;
  readonly p95: number;
}

export class CapacityMeter {
  private readonly episodes: Episode[] = [];
  private readonly interruptions: number[] = [];
  private startedAt: number | undefined;
  private lostMs = 0;
  private lookedAt: number;
  private isShort = false;

  constructor(
    private readonly world: World,
    private readonly isOutage: () => boolean,
  ) {
    this.lookedAt = world.clock.now;
    world.ec2.ended.subscribe(({ interruption }) => {
      if (interruption !== undefined) this.interruptions.push(world.clock.now);
    });
  }

  /** Told before anything changes, so that what was is counted as it was. */
  settle(): void {
    const { now } = this.world.clock;
    if (this.isShort && !this.isOutage()) this.lostMs += now - this.lookedAt;
    this.lookedAt = now;
  }

  /** Told how many tasks serve, of how many that should. */
  observe(serving: number, desired: number): void {
    const isShort = serving < desired;
    if (isShort === this.isShort) return;
    this.settle();
    this.isShort = isShort;
    this.world.context.log.write(isShort ? "service.BelowDesired" : "service.AtDesired", { serving, desired });
    if (isShort) {
      this.startedAt = this.world.clock.now;
      this.lostMs = 0;
    } else this.close();
  }

  private close(): void {
    if (this.startedAt === undefined) return;
    this.episodes.push({ startedAt: this.startedAt, endedAt: this.world.clock.now, lostMs: this.lostMs });
    this.startedAt = undefined;
  }

  /** An episode's minutes are shared by the interruptions in it; an interruption that cost nothing counts as 0. */
  result(): CapacityLoss {
    this.settle();
    if (this.isShort) this.close();
    const shares = this.interruptions.map(() => 0);
    for (const episode of this.episodes) {
      const indexes = [...this.interruptions.keys()].filter((index) => within(episode, this.interruptions[index]!));
      for (const index of indexes) shares[index]! += episode.lostMs / MINUTE_MS / indexes.length;
    }
    const total = this.episodes.reduce((sum, episode) => sum + episode.lostMs, 0) / MINUTE_MS;
    if (shares.length === 0) return { total, meanPerInterruption: 0, p95: 0 };
    return { total, meanPerInterruption: mean(shares), p95: quantile(shares, 0.95) };
  }
}

const within = (episode: Episode, interruptedAt: number): boolean =>
  interruptedAt + NOTICE_MS >= episode.startedAt && interruptedAt - NOTICE_MS <= episode.endedAt;
