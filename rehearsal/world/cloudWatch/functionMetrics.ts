/**
 * What Lambda tells CloudWatch of a function, of each minute in which it was invoked.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
import type { LambdaFunction } from "../lambda/function";
import type { MetricDatum } from "./metric";

interface Counts {
  readonly invocations: number;
  readonly errors: number;
  readonly throttles: number;
}

const NONE: Counts = { invocations: 0, errors: 0, throttles: 0 };

const NAMES = { invocations: "Invocations", errors: "Errors", throttles: "Throttles" } as const;

export class FunctionMetrics {
  /** The counts of the minute before. */
  private readonly known = new WeakMap<LambdaFunction, Counts>();

  of(fn: LambdaFunction): MetricDatum[] {
    const { invocations, errors, throttles } = fn;
    const before = this.known.get(fn) ?? NONE;
    if (invocations === before.invocations && throttles === before.throttles && errors === before.errors) return [];
    const now = { invocations, errors, throttles };
    this.known.set(fn, now);
    const dimensions = { FunctionName: fn.spec.name };
    return (["invocations", "errors", "throttles"] as const).map((count) => ({
      namespace: "AWS/Lambda",
      name: NAMES[count],
      dimensions,
      value: now[count] - before[count],
    }));
  }
}
