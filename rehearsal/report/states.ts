/**
 * Which events change the state of an instance or a task, and what a page calls each state. Tables, so that a new event or state
 * is one line; a state that isn't here is shown by its own name.
 */
import type { LineFields } from "./data";

/** How a state looks; each tone has a colour of its own. */
export type Tone = "starting" | "good" | "warned" | "leaving" | "signalled" | "gone" | "bad" | "unknown";

export interface StateLook {
  readonly label: string;
  readonly tone: Tone;
}

export const STATES: Readonly<Record<string, StateLook>> = {
  pending: { label: "starting", tone: "starting" },
  ACTIVE: { label: "ACTIVE", tone: "good" },
  noticed: { label: "noticed, not draining", tone: "warned" },
  doomed: { label: "being taken, nobody told", tone: "bad" },
  DRAINING: { label: "DRAINING", tone: "leaving" },
  terminating: { label: "terminating", tone: "gone" },
  PENDING: { label: "starting", tone: "starting" },
  RUNNING: { label: "running, not healthy yet", tone: "starting" },
  healthy: { label: "healthy", tone: "good" },
  unhealthy: { label: "unhealthy", tone: "bad" },
  deregistered: { label: "deregistered", tone: "leaving" },
  SIGTERM: { label: "SIGTERM", tone: "signalled" },
};

export const lookOf = (state: string): StateLook => STATES[state] ?? { label: state, tone: "unknown" };

/** The next state after an event; the same where it changes nothing, undefined where it is the end. */
export type Next = (fields: LineFields, state: string | undefined) => string | undefined;

const named =
  (member: string): Next =>
  (fields) =>
    String(fields[member]);

/** Draining goes on, whatever is announced meanwhile. */
const interrupted: Next = ({ notice }, state) => {
  if (notice === false) return "doomed";
  return state === "DRAINING" ? state : "noticed";
};

export const INSTANCE_EVENTS: Readonly<Record<string, Next>> = {
  "ec2.Launched": () => "pending",
  "ecs.InstanceRegistered": () => "ACTIVE",
  "ecs.InstanceStatus": named("status"),
  "ec2.InterruptionDecided": interrupted,
  "autoScaling.Terminating": () => "terminating",
  "ec2.Terminated": () => undefined,
};

export const TASK_EVENTS: Readonly<Record<string, Next>> = {
  "ecs.TaskPlaced": () => "PENDING",
  "ecs.TaskRunning": () => "RUNNING",
  "elb.HealthChanged": named("health"),
  "elb.Deregistered": () => "deregistered",
  "container.Sigterm": () => "SIGTERM",
  "container.Exited": () => undefined,
  "ecs.TaskStopped": () => undefined,
};
