/**
 * Short requests as units of work, without an event for each. All that a container's protection sees of them is whether one
 * comes before `idleSeconds` have passed since the last ended: a run of requests is one unit of work, from its first arrival to
 * its last end. Arrivals are memoryless and each request takes its mean duration, so the time until the first gap that is long
 * enough is drawn at once. (The mean length of a run is the same for any distribution of the durations: M/G/∞.)
 */
import { randomExponential, randomGeometric, randomNormal } from "d3-random";
import type { Clock, Timer } from "../world/clock";
import type { Random } from "../world/context";
import type { Task } from "../world/ecs/task";

export interface RunsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly requestSeconds: number;
  readonly idleSeconds: number;
  /** A unit of work of a task begins; the returned function ends it. */
  readonly begin: (task: Task) => (() => void) | undefined;
}

interface Run {
  /** The last arrival that is known, and the one after it, from which on only the end is known. */
  readonly knownArrival: number;
  readonly nextArrival: number;
  readonly unitEnds: (() => void) | undefined;
}

interface Line {
  /** Requests per millisecond. */
  rate: number;
  run: Run | undefined;
  timer: Timer | undefined;
}

/** A run that is expected to last for so many times a gap needs no end: longer than any rehearsal. */
const ENDLESS = 25;
/** The sum of more gaps than this is normally distributed. */
const MANY = 64;
/** What lies further ahead is drawn anew when it is nearer: the rate will have changed. */
const LOOK_AHEAD_MS = 600_000;

export class Runs {
  private readonly lines = new Map<Task, Line>();
  private readonly serviceMs: number;
  /** Two arrivals this far apart, or further, end a run. */
  private readonly gapMs: number;
  private readonly exponential: (rate: number) => () => number;
  private readonly unit: () => number;

  constructor(private readonly options: RunsOptions) {
    this.serviceMs = options.requestSeconds * 1000;
    this.gapMs = (options.requestSeconds + options.idleSeconds) * 1000;
    this.exponential = randomExponential.source(options.random);
    this.unit = this.exponential(1);
  }

  /** Each of these tasks gets so many requests per second; the others get none any more. */
  route(tasks: ReadonlySet<Task>, requestsPerSecond: number): void {
    for (const task of tasks)
      if (!this.lines.has(task)) this.lines.set(task, { rate: 0, run: undefined, timer: undefined });
    for (const [task, line] of this.lines) {
      const rate = tasks.has(task) ? requestsPerSecond / 1000 : 0;
      if (rate === line.rate) continue;
      this.redraw(task, line, rate);
      if (rate === 0 && line.run === undefined) this.lines.delete(task);
    }
  }

  /** The container is gone. */
  forget(task: Task): void {
    this.options.clock.cancel(this.lines.get(task)?.timer);
    this.lines.delete(task);
  }

  /** What has come is kept, what would have come is drawn anew. */
  private redraw(task: Task, line: Line, rate: number): void {
    const { run } = line;
    const age = run === undefined ? 0 : this.age(run, line.rate);
    line.rate = rate;
    if (run === undefined) this.awaitRun(task, line, 0);
    else this.goOn(task, line, run, age);
  }

  /** The last request of a run came `age` ago. */
  private goOn(task: Task, line: Line, run: Run, age: number): void {
    const { now } = this.options.clock;
    const next = this.until(line.rate);
    const left = this.gapMs - age;
    const isLast = next >= left;
    line.run = { ...run, knownArrival: now - age, nextArrival: isLast ? Infinity : now + next };
    const endsInMs = isLast ? Math.max(0, this.serviceMs - age) : next + this.lasts(line.rate);
    this.endAfter(task, line, endsInMs, isLast ? left - endsInMs : this.gapMs - this.serviceMs);
  }

  /** None comes for so long, at least. */
  private awaitRun(task: Task, line: Line, idleMs: number): void {
    const { clock, begin } = this.options;
    this.after(task, line, idleMs + this.until(line.rate), () => {
      line.run = { knownArrival: clock.now, nextArrival: clock.now, unitEnds: begin(task) };
      this.endAfter(task, line, this.lasts(line.rate), this.gapMs - this.serviceMs);
    });
  }

  private endAfter(task: Task, line: Line, ms: number, idleMs: number): void {
    this.after(task, line, ms, () => {
      line.run?.unitEnds?.();
      line.run = undefined;
      if (line.rate > 0) this.awaitRun(task, line, idleMs);
      else this.lines.delete(task);
    });
  }

  private after(task: Task, line: Line, ms: number, run: () => void): void {
    const { clock } = this.options;
    clock.cancel(line.timer);
    line.timer = undefined;
    if (ms === Infinity) return;
    const isNear = ms <= LOOK_AHEAD_MS;
    line.timer = clock.after(isNear ? ms : LOOK_AHEAD_MS, isNear ? run : () => this.redraw(task, line, line.rate));
  }

  private until(rate: number): number {
    return rate > 0 ? this.unit() / rate : Infinity;
  }

  /** From an arrival to the end of the last request of its run. */
  private lasts(rate: number): number {
    if (rate * this.gapMs > ENDLESS) return Infinity;
    const ends = Math.exp(-rate * this.gapMs);
    const gaps = randomGeometric.source(this.options.random)(ends)() - 1;
    return this.shortGaps(gaps, rate, ends) + this.serviceMs;
  }

  /** The sum of so many gaps, each too short to end the run. */
  private shortGaps(count: number, rate: number, ends: number): number {
    if (count > MANY) {
      const mean = 1 / rate - (this.gapMs * ends) / (1 - ends);
      const variance = 1 / rate ** 2 - (this.gapMs ** 2 * ends) / (1 - ends) ** 2;
      return Math.max(0, randomNormal.source(this.options.random)(count * mean, Math.sqrt(count * variance))());
    }
    let sum = 0;
    for (let index = 0; index < count; index++) sum -= Math.log1p(-this.options.random() * (1 - ends)) / rate;
    return sum;
  }

  /** How long ago the last request came, of a run that is known to go on: that it does makes a recent one more likely. */
  private age({ knownArrival, nextArrival }: Run, rate: number): number {
    const { clock, random } = this.options;
    if (clock.now < nextArrival) return clock.now - knownArrival;
    const longest = clock.now - nextArrival;
    for (;;) {
      const age = Math.min(this.until(rate), longest);
      if (age <= this.serviceMs || random() < 1 - Math.exp(-rate * (this.gapMs - age))) return age;
    }
  }
}
