/** EventBridge's default bus: rules with patterns or rates, and their targets. */
import { randomLogNormal } from "d3-random";
import { between, eventTime, type Context } from "./context";
import { EVENTS } from "./constants";
import { noFaults, type Faults } from "./faults";

export interface AwsEvent {
  readonly "detail-type": string;
  readonly source: string;
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** EventBridge's own wording of what a service promises for its events. */
export type Delivery = "bestEffort" | "durable";

export type EventPattern = Readonly<Record<string, unknown>>;

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly pattern: EventPattern | undefined;
  /** Milliseconds between two events of a `rate(…)` schedule. */
  readonly rateMs: number | undefined;
  readonly deliver: ((text: string) => void)[];
}

/** A lognormal delay with the given median and 90th percentile. */
const sigma = Math.log(EVENTS.delayMs.p90 / EVENTS.delayMs.median) / 1.2816;

export class EventBus {
  private readonly rules: Rule[] = [];
  private count = 0;
  faults: Faults = noFaults;

  constructor(
    private readonly context: Context,
    readonly region: string,
    readonly account: string,
  ) {}

  addRule(rule: Rule): void {
    this.rules.push(rule);
    const { rateMs } = rule;
    if (rateMs === undefined) return;
    const late = this.context.random("events/schedule");
    this.context.clock.every(rateMs, rateMs, () => {
      if (rule.deliver.length === 0) return;
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

  publish(event: AwsEvent, delivery: Delivery): void {
    for (const rule of this.rules) {
      if (rule.pattern === undefined || !matches(rule.pattern, event as unknown as EventPattern)) continue;
      for (const delay of this.faults.deliveries(delivery)) {
        this.context.clock.after(delay + this.delay(), () => this.send(event, rule));
      }
    }
  }

  private delay(): number {
    return randomLogNormal.source(this.context.random("events/delay"))(Math.log(EVENTS.delayMs.median), sigma)();
  }

  private send(event: AwsEvent, rule: Rule): void {
    const id = `00000000-0000-4000-8000-${(++this.count).toString(16).padStart(12, "0")}`;
    const text = JSON.stringify({ version: "0", id, account: this.account, region: this.region, ...event });
    for (const deliver of rule.deliver) deliver(text);
  }
}

/**
 * Whether an event matches a pattern: lists of values, nested objects, and the filters prefix, suffix, anything-but, exists, numeric.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function matches(pattern: EventPattern, event: EventPattern): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    const value = event[key];
    if (Array.isArray(wanted)) return wanted.some((filter) => matchesFilter(filter, value));
    return typeof value === "object" && value !== null && matches(wanted as EventPattern, value as EventPattern);
  });
}

function matchesFilter(filter: unknown, value: unknown): boolean {
  if (Array.isArray(value)) return value.some((each) => matchesFilter(filter, each));
  if (typeof filter !== "object" || filter === null) return filter === value;
  const [[name, operand] = [undefined, undefined]] = Object.entries(filter);
  switch (name) {
    case "prefix":
      return String(value).startsWith(String(operand));
    case "suffix":
      return String(value).endsWith(String(operand));
    case "exists":
      return (value !== undefined) === operand;
    case "anything-but":
      return value !== undefined && !(Array.isArray(operand) ? operand : [operand]).includes(value);
    default:
      throw new Error(
        `event pattern filter ${String(name)} is not modelled: prefix, suffix, exists and anything-but are`,
      );
  }
}
