/** What tests ask of an operation's outcome. */
import { expect } from "chai";
import type { Deployment, Outcome } from "./deployment";

/** The outcome, which must not have failed. */
export function succeeded(outcome: Outcome): Outcome {
  expect(outcome.error, outcome.error).to.equal(undefined);
  return outcome;
}

/** The outcome of an update with this configuration, after which there must be nothing more to change. */
export async function changed(deployment: Deployment, config: object): Promise<Outcome> {
  deployment.configure({ ...config });
  const up = succeeded(await deployment.up());
  expect(changes(succeeded(await deployment.preview()))).to.deep.equal({});
  return up;
}

/** Resources that an operation leaves as they are are no part of it. */
export function changes({ summary }: Outcome): Record<string, number> {
  const { same: _, ...rest } = summary as Record<string, number>;
  return rest;
}

/** The fewest tasks that served requests at any moment of the operation. */
export const leastServing = ({ calls }: Outcome): number => Math.min(...calls.map(({ serving }) => serving));

/** Of the requests that the account watches, those that at some moment of the operation no task answered. */
export const unansweredIn = ({ calls }: Outcome): string[] => [
  ...new Set(calls.flatMap(({ unanswered }) => unanswered)),
];

/** What became of each resource that isn't the same: `update aws:ecs/service:Service web`. */
export function steps({ events }: Outcome): string[] {
  return events.flatMap(({ resourcePreEvent }) => {
    if (!resourcePreEvent) return [];
    const { op, urn, type } = resourcePreEvent.metadata;
    return op === "same" || !type.startsWith("aws") ? [] : [`${op} ${type} ${urn.split("::").at(-1)}`];
  });
}

/** `rule level` of every violation, with its message. */
export function violations({ events }: Outcome): { rule: string; message: string }[] {
  return events.flatMap(({ policyEvent }) =>
    policyEvent
      ? [{ rule: `${policyEvent.policyName} ${policyEvent.enforcementLevel}`, message: policyEvent.message }]
      : [],
  );
}
