/** How containers work and protect their work: at any moment, and too late for the request that has just come. */
import { MINUTE, S, type FakeTask } from "../scaleIn/fakeAws";

/** How lively a service is. */
export interface TaskLiveliness {
  /** Whether containers protect their work. */
  readonly protects: boolean;
  /** How likely a serving task gets a request in a second. */
  readonly busy: number;
  readonly workSeconds: number;
  /** Whether tasks take jobs from a queue, without a balancer; each protects itself before its job begins. */
  readonly takesJobs: boolean;
}

export const DEREGISTRATION_DELAY = 45 * S;
/** Until the balancer's last part knows that a target is out. */
const PROPAGATION = 3 * S;
/** From a request to the protection that its container asks for. */
const LONGEST_LAG = 8 * S;
const IDLE = 15 * S;
const OWN_PROTECTION = 60 * MINUTE;
/** What began so long ago was there when protections were read for the last time before a stop. */
const KNOWN_AFTER = S;

interface Life {
  work: { readonly begunAt: number; readonly endsAt: number }[];
  idleSince: number;
  /** When the protection that it asked for comes to be. */
  protectsAt: number | undefined;
  ownUntil: number;
  /** When its protection began. */
  ownSince: number;
  /** While the balancer's last part still routes to it. */
  routesUntil: number;
}

/** A task at a moment, with its target's health. */
interface Seen {
  readonly now: number;
  readonly health: string | undefined;
}

export class TaskLives {
  /** Whether anything new comes. */
  isOpen = true;
  private readonly lives = new Map<FakeTask, Life>();

  /** @param random uniform in [0, 1) */
  constructor(
    private readonly liveliness: TaskLiveliness,
    private readonly random: () => number,
  ) {}

  /** Its healthy target was taken out. */
  letGo(task: FakeTask, now: number): void {
    this.lifeOf(task).routesUntil = now + PROPAGATION;
  }

  /** A second of a task that runs. */
  live(task: FakeTask, seen: Seen): void {
    const { now } = seen;
    const life = this.lifeOf(task);
    const wasWorking = life.work.length > 0;
    life.work = life.work.filter(({ endsAt }) => endsAt > now);
    if (wasWorking && life.work.length === 0) life.idleSince = now;
    const { busy, workSeconds, takesJobs, protects } = this.liveliness;
    if (this.isOpen && this.mayGetWork(life, seen) && this.random() < busy) {
      const endsAt = now + (0.5 + this.random()) * workSeconds * S;
      life.work.push({ begunAt: now, endsAt });
      const lag = takesJobs ? 0 : this.random() * LONGEST_LAG;
      if (life.ownUntil <= now) life.protectsAt ??= now + lag;
    }
    if (protects) protect(task, life, now);
  }

  /** Whether a stop ends what it works on, or might get. */
  wouldBreakOff(task: FakeTask, { now, health }: Seen): boolean {
    const { work, routesUntil, ownSince } = this.lifeOf(task);
    const { takesJobs, protects } = this.liveliness;
    if (takesJobs) return task.protectedUntil > now && now - ownSince >= KNOWN_AFTER;
    // Without protection, a request has the deregistration delay; whatever is older, the balancer has cut.
    const isOwed = ({ begunAt }: Life["work"][number]): boolean => protects || now - begunAt < DEREGISTRATION_DELAY;
    const mayServe = health === "healthy" || now < routesUntil;
    return mayServe || task.protectedUntil > now || work.some((each) => each.endsAt > now && isOwed(each));
  }

  /** A request, by its target; or one job after the other, out of the queue. */
  private mayGetWork({ work, routesUntil }: Life, { now, health }: Seen): boolean {
    return this.liveliness.takesJobs ? work.length === 0 : health === "healthy" || now < routesUntil;
  }

  private lifeOf(task: FakeTask): Life {
    const known = this.lives.get(task);
    if (known !== undefined) return known;
    const life: Life = { work: [], idleSince: 0, protectsAt: undefined, ownUntil: 0, ownSince: 0, routesUntil: 0 };
    this.lives.set(task, life);
    return life;
  }
}

/** As the runtime does: for an hour, until nothing was done for a while. */
function protect(task: FakeTask, life: Life, now: number): void {
  if (life.protectsAt !== undefined && life.protectsAt <= now) {
    life.protectsAt = undefined;
    life.ownSince = now;
    life.ownUntil = now + OWN_PROTECTION;
  }
  const isDone = life.work.length === 0 && now - life.idleSince >= IDLE && life.protectsAt === undefined;
  if (isDone) life.ownUntil = 0;
  task.protectedUntil = life.ownUntil;
}
