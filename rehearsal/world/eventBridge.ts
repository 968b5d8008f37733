/** EventBridge's default bus: rules with patterns or rates, and their targets. */
import { randomLogNormal } from "d3-random";
import { between, eventTime, type Context } from "./context";
import { EVENTS } from "./constants";
import { matches, type EventPattern } from "./eventPattern";
import { noFaults, type Faults } from "./faults";

export { matches, type EventPattern } from "./eventPattern";

export interface AwsEvent {
  readonly "detail-type": string;
  readonly source: string;
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** EventBridge's own wording of what a service promises for its events. */
export type Delivery = "bestEffort" | "durable";

export interface Published {
  /** How many were scheduled, over all rules. */
  readonly deliveries: number;
  readonly isLost: boolean;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly pattern: EventPattern | undefined;
  /** Milliseconds between two events of a `rate(…)` schedule. */
  readonly rateMs: number | undefined;
  readonly deliver: ((text: string) => void)[];
}

/** A lognormal delay with the given median and 90th percentile, which is 1.2816 standard deviations above. */
const mu = Math.log(EVENTS.delayMs.median);
const sigma = Math.log(EVENTS.delayMs.p90 / EVENTS.delayMs.median) / 1.2816;

export class EventBus {
  private readonly rules: Rule[] = [];
  private readonly delay: () => number;
  private count = 0;
  faults: Faults = noFaults;

  constructor(
    private readonly context: Context,
    readonly region: string,
    readonly account: string,
  ) {
    this.delay = randomLogNormal.source(context.random("events/delay"))(mu, sigma);
  }

  addRule(rule: Rule): void {
    const { rateMs } = rule;
    if (rule.pattern !== undefined) this.rules.push(rule);
    if (rateMs === undefined || rule.deliver.length === 0) return;
    const late = this.context.random("events/schedule");
    this.context.clock.every(rateMs, rateMs, () => {
      const event = {
        "detail-type": "Scheduled Event",
        source: "aws.events",
        time: eventTime(this.context.clock.now),
        resources: [rule.arn],
        detail: {},
      };
      this.context.clock.after(between(late, EVENTS.scheduleLateMs), () => this.send(event, rule));
    });
  }

  /** Delivers to every rule that matches. What gets lost is lost on its way to the bus, and so for all rules. */
  publish(event: AwsEvent, delivery: Delivery): Published {
    if (this.faults.loses(delivery)) return { deliveries: 0, isLost: true };
    let deliveries = 0;
    for (const rule of this.rules) {
      if (rule.pattern === undefined || !matches(rule.pattern, event as unknown as EventPattern)) continue;
      for (const delay of this.faults.deliveries()) {
        deliveries++;
        this.context.clock.after(delay + this.delay(), () => this.send(event, rule));
      }
    }
    return { deliveries, isLost: false };
  }

  private send(event: AwsEvent, rule: Rule): void {
    const id = `00000000-0000-4000-8000-${(++this.count).toString(16).padStart(12, "0")}`;
    const text = JSON.stringify({ version: "0", id, account: this.account, region: this.region, ...event });
    for (const deliver of rule.deliver) deliver(text);
  }
}
