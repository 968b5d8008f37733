/**
 * Drains instances that EC2 is about to take back.
 *
 * What AWS leaves undone and this function does: targets leave the balancer within seconds whatever the service's
 * minimum healthy percent; one target keeps serving where nothing else does; each task gets SIGTERM early enough for its
 * whole stop timeout; the replacement is launched at the notice rather than after the loss; what a lost event left is swept.
 */
import type { Surroundings } from "../calls";
import { metricRecord, type LogRecord } from "../log";
import { act, type ActPorts, type Failure } from "./act";
import { parseEvent, type DrainEvent } from "./event";
import { plan, planNotice, planSweep, type Action } from "./plan";
import { listDraining, listServices, locate, readInService, readState, readSweep, type Going, type ReadPorts, type Reading } from "./read";
import type { DrainSettings } from "./settings";

export interface DrainPorts extends Surroundings {
  readonly ecs: ReadPorts["ecs"] & ActPorts["ecs"];
  readonly elbv2: ReadPorts["elbv2"] & ActPorts["elbv2"];
  readonly autoScaling: ReadPorts["autoScaling"] & ActPorts["autoScaling"];
  readonly ec2: ActPorts["ec2"];
  readonly sqs: ActPorts["sqs"];
  log(record: LogRecord): void;
}

export interface SqsBatch {
  readonly Records?: readonly { readonly messageId: string; readonly body: string }[];
}

/** Lambda's partial batch response: only the messages named here come back. */
export interface SqsBatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

interface DrainReading extends Reading {
  readonly ports: DrainPorts;
}

type GoingEvent = Extract<DrainEvent, { instanceId: string }>;

interface Message {
  readonly messageId: string;
  readonly event: DrainEvent;
}

/** Time kept for the answer to Lambda after the last call. */
const ANSWER_MS = 500;

/**
 * Handles one batch from the events queue.
 * @param remainingMs the invocation's remaining time in milliseconds; nothing is tried again after it.
 */
export async function handleDrain(batch: SqsBatch, settings: DrainSettings, ports: DrainPorts, remainingMs: number): Promise<SqsBatchResponse> {
  const started = ports.now();
  const messages = (batch.Records ?? []).map(({ messageId, body }): Message => ({ messageId, event: parseEvent(body, started) }));
  const reading: DrainReading = { ports, settings, deadline: started + remainingMs - ANSWER_MS };
  for (const { event, messageId } of messages) {
    if (event.kind === "ignored") ports.log({ decision: "ignored", messageId, reason: event.reason });
  }
  const going = messages.filter((message) => "instanceId" in message.event);
  const sweeps = messages.filter((message) => message.event.kind === "sweep");
  const failed = await Promise.all([
    going.length > 0 ? guarded(going, ports, () => handleGoing(going, reading)) : [],
    sweeps.length > 0 ? guarded(sweeps, ports, () => handleSweep(sweeps, reading)) : [],
  ]);
  return { batchItemFailures: failed.flat().map((itemIdentifier) => ({ itemIdentifier })) };
}

/** A failed read fails all its messages; they come back when their visibility timeout ends. */
async function guarded(messages: readonly Message[], ports: DrainPorts, run: () => Promise<string[]>): Promise<string[]> {
  try {
    return await run();
  } catch (error) {
    ports.log({ decision: "failed", error: String(error), reason: "the messages come back" });
    return messages.map((message) => message.messageId);
  }
}

async function handleGoing(messages: readonly Message[], reading: DrainReading): Promise<string[]> {
  const { ports, settings } = reading;
  const events = messages.map((message) => message.event as GoingEvent);
  const ids = [...new Set(events.map((event) => event.instanceId))];
  const noticedIds = new Set(events.filter((event) => event.kind === "interruption").map((event) => event.instanceId));
  const [located, inService, serviceArns, draining] = await Promise.all([
    locate(reading, ids),
    noticedIds.size > 0 ? readInService(reading, [...noticedIds]) : new Set<string>(),
    listServices(reading),
    listDraining(reading),
  ]);
  const isOurs = new Set(located.map((each) => each.instanceId));
  for (const instanceId of ids.filter((id) => !isOurs.has(id))) {
    ports.log({ decision: "ignored", instanceId, reason: inService.has(instanceId) ? "it has not joined the cluster yet" : "it is no instance of this cluster" });
  }
  const noticed = located.filter((each) => noticedIds.has(each.instanceId));
  const first = planNotice(noticed.map((each) => ({ ...each, inService: inService.has(each.instanceId) })), settings);
  const going: Going[] = located.map((each) => ({
    ...each,
    deadline: Math.min(...events.filter((event) => event.instanceId === each.instanceId).map((event) => event.deadline)),
  }));
  const [firstFailures, state] = await Promise.all([act(first, reading), readState(reading, going, serviceArns, draining)]);
  const next = plan(state, settings, ports.now()).filter((action) => action.kind !== "drain" || !noticedIds.has(action.instanceId));
  const nextFailures = await act(next, reading);
  report([...first, ...next], [...firstFailures, ...nextFailures], events, ports, settings);
  return failedMessages(messages, [...firstFailures, ...nextFailures]);
}

async function handleSweep(messages: readonly Message[], reading: DrainReading): Promise<string[]> {
  const actions = planSweep(await readSweep(reading));
  if (actions.length === 0) return [];
  const failures = await act(actions, reading);
  report(actions, failures, [], reading.ports, reading.settings);
  return failures.length > 0 ? messages.map((message) => message.messageId) : [];
}

function failedMessages(messages: readonly Message[], failures: readonly Failure[]): string[] {
  const failedIds = new Set(failures.flatMap((failure) => failure.instanceIds));
  return messages.filter(({ event }) => failedIds.has((event as GoingEvent).instanceId)).map((message) => message.messageId);
}

function report(
  actions: readonly Action[],
  failures: readonly Failure[],
  events: readonly GoingEvent[],
  ports: DrainPorts,
  settings: DrainSettings,
): void {
  for (const { kind, ...rest } of actions) ports.log({ decision: kind, ...rest });
  for (const { error, ...rest } of failures) ports.log({ decision: "failed", ...rest, error: String(error) });
  const now = ports.now();
  const count = (kind: Action["kind"]): number => actions.filter((action) => action.kind === kind).length;
  const leads = events.filter((event) => event.kind === "interruption").map((event) => (event.deadline - now) / 1000);
  ports.log(
    metricRecord(
      { AutoScalingGroupName: settings.autoScalingGroupName },
      {
        Notices: { value: leads.length, unit: "Count" },
        ...(leads.length > 0 ? { LeadTime: { value: Math.min(...leads), unit: "Seconds" } } : {}),
        InstancesDrained: { value: count("drain"), unit: "Count" },
        TargetsDeregistered: { value: count("deregister"), unit: "Count" },
        TasksStopped: { value: count("stop"), unit: "Count" },
        TasksStoppedAtDeadline: { value: actions.filter((action) => action.kind === "stop" && action.atDeadline).length, unit: "Count" },
        FailedActions: { value: failures.length, unit: "Count" },
      },
      now,
    ),
  );
}
