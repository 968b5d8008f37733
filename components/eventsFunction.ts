/** A function that is fed by a queue of its own: the queue with what fills it, the function, and what takes from the one for the other. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { CallbackFunction, type CallbackFunctionArgs } from "./callbackFunction";
import { EVENTS_TIMEOUT_SECONDS, makeEventSource } from "./eventSource";
import { EventsQueue, type RuleArgs } from "./eventsQueue";
import type { Statement } from "./roles";
import type { Transform } from "./transform";

/** What a component that is such a function takes, whatever it does. */
export interface EventsFunctionSettings {
  readonly logRetentionDays: number;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: Transform<aws.lambda.FunctionArgs>;
}

export interface EventsFunctionArgs extends Pick<CallbackFunctionArgs, "description" | "callbackFactory"> {
  readonly rules: Readonly<Record<string, RuleArgs>>;
  /** @default 512 */
  readonly memorySizeMiB?: number;
  readonly environment: (queue: aws.sqs.Queue) => CallbackFunctionArgs["environment"];
  readonly statements: (queue: aws.sqs.Queue) => readonly Statement[];
  readonly settings: EventsFunctionSettings;
}

export interface EventsFunction {
  readonly events: EventsQueue;
  readonly callback: CallbackFunction;
  readonly eventSourceMapping: aws.lambda.EventSourceMapping;
}

const MEMORY_MIB = 512;

/** @param queueName begins the names of the queue and its rules; the function's own by default */
export function makeEventsFunction(
  name: string,
  { rules, environment, statements, settings, memorySizeMiB = MEMORY_MIB, ...code }: EventsFunctionArgs,
  parent: pulumi.Resource,
  queueName = name,
): EventsFunction {
  const { tags, logRetentionDays, transform } = settings;
  const events = new EventsQueue(queueName, { rules, tags }, { parent });
  const callback = new CallbackFunction(
    name,
    {
      ...code,
      environment: environment(events.queue),
      statements: statements(events.queue),
      timeoutSeconds: EVENTS_TIMEOUT_SECONDS,
      memorySizeMiB,
      logRetentionDays,
      tags,
      transform,
    },
    { parent },
  );
  return { events, callback, eventSourceMapping: makeEventSource(`${name}-events`, events, callback, parent) };
}
