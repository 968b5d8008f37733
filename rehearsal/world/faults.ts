/** What goes wrong on purpose: events that come twice, late, out of order or never; calls that are throttled, fail or answer stale. */
import { between, type Random } from "./context";
import { API } from "./constants";
import type { Delivery } from "./eventBridge";

/** Shares of all events or calls, 0 to 1. */
export interface FaultRates {
  readonly eventLost: number;
  readonly eventDuplicated: number;
  readonly eventDelayed: number;
  readonly callThrottled: number;
  readonly callFailed: number;
  readonly readStale: number;
  readonly handlerKilled: number;
  /** Of the messages that a standard queue gives. */
  readonly sqsDuplicate: number;
}

/** The rates of AWS's ordinary days: documented kinds, assumed figures (semantics §11). */
export const ORDINARY: FaultRates = {
  eventLost: 0.001,
  eventDuplicated: 0.01,
  eventDelayed: 0.01,
  callThrottled: 0,
  callFailed: 0,
  readStale: 0.05,
  handlerKilled: 0,
  sqsDuplicate: 0.0001,
};

/** A bad day, for laws: everything goes wrong often. */
export const BAD_DAY: FaultRates = {
  eventLost: 0,
  eventDuplicated: 0.1,
  eventDelayed: 0.2,
  callThrottled: 0.05,
  callFailed: 0.02,
  readStale: 0.3,
  handlerKilled: 0.02,
  sqsDuplicate: 0.02,
};

export interface Faults {
  /** Whether an event never reaches the bus. */
  loses(delivery: Delivery): boolean;
  /** One delay for each time that a rule gets an event. */
  deliveries(): number[];
  /** The error that a call meets instead of an answer. */
  call(): "throttled" | "failed" | undefined;
  /** By how much a read's answer lags, in milliseconds. */
  staleness(): number;
  /** Whether this invocation dies before its next call returns. */
  handlerDies(): boolean;
  /** Whether a standard queue gives a message to one receiver more; each queue draws for itself. */
  deliversTwice(random: Random): boolean;
}

export const noFaults: Faults = {
  loses: () => false,
  deliveries: () => [0],
  call: () => undefined,
  staleness: () => 0,
  handlerDies: () => false,
  deliversTwice: () => false,
};

const LATE_MS = { min: 500, max: 5000 };

export function drawFaults(rates: FaultRates, random: Random): Faults {
  const late = (): number => (random() < rates.eventDelayed ? between(random, LATE_MS) : 0);
  return {
    loses: (delivery) => delivery === "bestEffort" && random() < rates.eventLost,
    deliveries: () => (random() < rates.eventDuplicated ? [late(), late()] : [late()]),
    call: () => {
      const drawn = random();
      if (drawn < rates.callThrottled) return "throttled";
      return drawn < rates.callThrottled + rates.callFailed ? "failed" : undefined;
    },
    staleness: () => (random() < rates.readStale ? between(random, API.staleMs) : 0),
    handlerDies: () => random() < rates.handlerKilled,
    deliversTwice: (queue) => queue() < rates.sqsDuplicate,
  };
}
