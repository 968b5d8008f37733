/** Every event of a rehearsal, in time order; kept nowhere unless somebody writes it down. */
import type { Clock } from "./clock";

export type Fields = Readonly<Record<string, string | number | boolean | null | undefined | readonly string[]>>;

export interface LogLine extends Fields {
  readonly t: number;
  readonly event: string;
}

export type LogSink = (line: LogLine) => void;

/** One after the other; undefined where nobody listens. */
export function both(first: LogSink | undefined, second: LogSink | undefined): LogSink | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (line) => {
    first(line);
    second(line);
  };
}

export class EventLog {
  constructor(
    private readonly clock: Clock,
    private readonly sink: LogSink | undefined,
  ) {}

  /** `service.What`, e.g. `ec2.InstanceTerminated`, and what it concerns. */
  write(event: string, fields: Fields): void {
    this.sink?.({ t: this.clock.now, event, ...fields });
  }
}
