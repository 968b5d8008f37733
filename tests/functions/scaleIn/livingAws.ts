/** The small AWS, alive, for the scale-in function. */
import fc from "fast-check";
import { handleScaleIn } from "../../../functions/scaleIn/handler";
import type { ScaleInSettings } from "../../../functions/scaleIn/settings";
import { LIVELINESS, living, type Liveliness } from "../retire/living";
import { alarmChange, FakeAws, sweep, type FakeInstance } from "./fakeAws";

export interface Nature extends Liveliness {
  readonly instances: number;
  readonly tasksEach: number;
  readonly minCapacity: number;
  readonly workPatienceSeconds: number;
}

export const nature: fc.Arbitrary<Nature> = fc.record({
  ...LIVELINESS,
  instances: fc.integer({ min: 1, max: 5 }),
  tasksEach: fc.integer({ min: 1, max: 3 }),
  minCapacity: fc.integer({ min: 0, max: 4 }),
  workPatienceSeconds: fc.constantFrom(0, 30, 120),
});

/** Of workers: of their queue, CloudWatch tells nothing, so that all of them seem to be too many. */
export const jobNature: fc.Arbitrary<Nature> = fc
  .tuple(nature, fc.constantFrom(0.02, 0.1, 0.3))
  .map(([given, busy]) => ({ ...given, busy, takesJobs: true, protects: true, workPatienceSeconds: 0 }));

/** What happens to the service from outside. */
const HAPPENINGS = {
  low: (aws: LivingAws) => aws.raiseLowAlarm(),
  quiet: (aws: LivingAws) => aws.alarms.set("api-few-requests", "OK"),
  out: (aws: LivingAws) => aws.alarms.set("api-cpu-high", "ALARM"),
  calm: (aws: LivingAws) => aws.alarms.set("api-cpu-high", "OK"),
  deploy: (aws: LivingAws) => (aws.service.deployments[0]!.rolloutState = "IN_PROGRESS"),
  deployed: (aws: LivingAws) => (aws.service.deployments[0]!.rolloutState = "COMPLETED"),
  raised: (aws: LivingAws) => aws.service.desiredCount++,
  lowered: (aws: LivingAws) => aws.lowerByHand(),
  minimum: (aws: LivingAws) => aws.raiseMinimum(),
  died: (aws: LivingAws) => aws.alive.slice(0, 1).forEach((task) => aws.stop(task)),
  drains: (aws: LivingAws) => aws.drain(),
};

export type Happening = keyof typeof HAPPENINGS;

const LASTING = ["low", "low", "low", "calm", "deployed"] as const;
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.constantFrom(...LASTING),
  fc.constantFrom(...(Object.keys(HAPPENINGS) as Happening[])),
);

export class LivingAws extends living(FakeAws) {
  /** Desired counts below the minimum of their moment. */
  readonly tooLow: number[] = [];
  private minimum: number;

  constructor(
    nature: Nature,
    private readonly settings: ScaleInSettings,
  ) {
    super();
    this.comeAlive(nature);
    if (nature.takesJobs) this.loads = [];
    this.minimum = nature.minCapacity;
    this.minCapacity = this.minimum;
    for (let n = 0; n < nature.instances; n++) {
      const instance = this.join(`eu-west-1${"abc"[n % 3]}`);
      for (let k = 0; k < nature.tasksEach; k++) this.run(instance);
    }
    this.service.desiredCount = this.tasks.length;
    this.alarms.set("api-few-requests", "OK");
  }

  protected override handleBatch(batch: Parameters<typeof handleScaleIn>[0]): ReturnType<typeof handleScaleIn> {
    return handleScaleIn(batch, this.settings, this.ports(), 25_000);
  }

  protected override scheduleOf(minute: number): string {
    return sweep(minute);
  }

  /** Anywhere. */
  protected override place(): FakeInstance {
    const active = this.instances.filter((instance) => instance.status === "ACTIVE");
    return active[Math.floor(this.random() * active.length)] ?? this.join("eu-west-1a");
  }

  happen(what: Happening): void {
    HAPPENINGS[what](this);
  }

  raiseLowAlarm(): void {
    this.alarms.set("api-few-requests", "ALARM");
    this.send(alarmChange());
  }

  lowerByHand(): void {
    if (this.service.desiredCount <= this.minimum) return;
    this.service.desiredCount -= 1;
    this.loweredByOthers++;
  }

  /** As Application Auto Scaling does: a desired count below is moved up. */
  raiseMinimum(): void {
    this.minimum += 1;
    this.minCapacity = this.minimum;
    this.service.desiredCount = Math.max(this.service.desiredCount, this.minimum);
  }

  /** Everything is well again. */
  calmDown(): void {
    this.isTroubled = false;
    for (const what of ["quiet", "calm", "deployed"] as const) this.happen(what);
  }

  protected override setDesiredCount(count: number): void {
    if (count < this.minimum) this.tooLow.push(count);
    super.setDesiredCount(count);
  }
}
