/** What tests ask of an operation's outcome. */
import { expect } from "chai";
import type { Outcome } from "./deployment";

/** The outcome, which must not have failed. */
export function succeeded(outcome: Outcome): Outcome {
  expect(outcome.error, outcome.error).to.equal(undefined);
  return outcome;
}

/** Resources that an operation leaves as they are are no part of it. */
export function changes({ summary }: Outcome): Record<string, number> {
  const { same: _, ...rest } = summary as Record<string, number>;
  return rest;
}

/** The fewest tasks that served requests at any moment of the operation. */
export const leastServing = ({ calls }: Outcome): number => Math.min(...calls.map(({ serving }) => serving));

/** What became of each resource that isn't the same: `update aws:ecs/service:Service web`. */
export function steps({ events }: Outcome): string[] {
  return events.flatMap(({ resourcePreEvent }) => {
    if (!resourcePreEvent) return [];
    const { op, urn, type } = resourcePreEvent.metadata;
    return op === "same" || !type.startsWith("aws") ? [] : [`${op} ${type} ${urn.split("::").at(-1)}`];
  });
}
