/** A consumer's events in a log. */
import type { ConsumerEvent } from "./events";

const ROUTINE: ReadonlySet<ConsumerEvent["kind"]> = new Set(["received", "started", "done"]);

/** What goes well with every job is in the metrics, and needs no line. */
export const isRoutine = ({ kind }: ConsumerEvent): boolean => ROUTINE.has(kind);

/** Errors as text, which JSON would leave out. */
export function eventRecord(event: ConsumerEvent): Readonly<Record<string, unknown>> {
  return { ...event, ...("error" in event && { error: String(event.error) }) };
}
