/**
 * Replaces instances that EC2 recommends to replace, where that costs nothing: within a budget, after their replacement has come,
 * and not for ever. AWS offers capacity rebalancing, which launches for every recommendation, can't end an instance that
 * is protected from scale-in, and takes nothing back.
 */
import type { LogRecord } from "../../log";
import type { Message } from "../../lambda";
import { act, type Acting } from "../act";
import type { RecommendationEvent } from "../event";
import type { Action } from "../plan";
import { report, type Outcome } from "../report";
import { planHints, planLeftBehind, planRecommended, reasonToIgnore } from "./plan";
import { reportHints } from "./report";
import { readHinted, readHints, readRecommended, type HintReading } from "./read";

export interface HintHandling extends Acting {
  readonly ports: Acting["ports"] & HintReading["ports"] & { log(record: LogRecord): void };
}

/** The messages that must come back. */
export async function handleRecommended(
  messages: readonly Message<RecommendationEvent>[],
  handling: HintHandling,
): Promise<string[]> {
  const { ports, settings } = handling;
  const times = new Map(messages.map(({ event }) => [event.instanceId, event.at]));
  const found = await readRecommended(handling, times);
  for (const each of found) {
    const reason = reasonToIgnore(each, settings);
    if (reason !== undefined) ports.log({ decision: "ignored", instanceId: each.instanceId, reason });
  }
  const ours = found.filter((each) => reasonToIgnore(each, settings) === undefined);
  const actions = ours.flatMap((each) => planRecommended(each, settings));
  const outcome = await carryOut(actions, handling, ours.length);
  const failed = new Set(outcome.failures.flatMap(({ actions }) => actions.map((action) => action.instanceId)));
  return messages.filter(({ event }) => failed.has(event.instanceId)).map((message) => message.messageId);
}

/** With every sweep; whatever fails is tried again by the next. Where there are no hints, left ones are looked for once an hour. */
export async function handleHints(handling: HintHandling): Promise<void> {
  const { ports, settings } = handling;
  const now = ports.now();
  try {
    if (settings.recommendations === "hint") {
      const state = await readHints(handling);
      if (state !== undefined) await carryOut(planHints(state, settings, now), handling);
    } else if (settings.replacement === "detach" && new Date(now).getUTCMinutes() === 0) {
      await carryOut(planLeftBehind((await readHinted(handling)).hinted), handling);
    }
  } catch (error) {
    ports.log({ decision: "failed", error: String(error), reason: "the next sweep looks at the recommendations" });
  }
}

/** `recommendations`: how many came. */
async function carryOut(actions: readonly Action[], handling: HintHandling, recommendations = 0): Promise<Outcome> {
  const outcome = { actions, failures: await act(actions, handling) };
  if (actions.length === 0) return outcome;
  const { ports, settings } = handling;
  report([outcome], [], ports, settings);
  reportHints(outcome, recommendations, ports, settings);
  return outcome;
}
