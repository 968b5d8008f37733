/** Workers that keep a message hidden for as long as they work on it. */
import { everyDecided, known, type Decided } from "../decided";
import { mayCall } from "./permissions";
import type { Resource } from "./resource";
import type { Stack } from "./stack";
import { containersOf, taskDefinitionOf } from "./tasks";
import { environmentOf, isNamedIn, type Worker } from "./workers";

/** Where Spotproof's consumer reads its queues. */
const QUEUES_VARIABLE = "SPOTPROOF_QUEUES";

/** Spotproof's consumer does, if its task may. Of any other nobody can tell. */
export function prolongs(stack: Stack, { service, queue }: Worker): Decided<boolean> {
  const definition = taskDefinitionOf(stack, service);
  if (definition.kind === "undecided") return definition;
  const task = definition.value;
  if (!task) return known(false);
  const may = mayCall(stack, task, "taskRoleArn", "sqs:ChangeMessageVisibility", queue);
  return everyDecided([may, runsConsumer(stack, task, queue)]);
}

function runsConsumer(stack: Stack, task: Resource, queue: Resource): Decided<boolean> {
  const containers = containersOf(stack, task);
  if (containers.kind === "undecided") return containers;
  const told = containers.value.flatMap(environmentOf).filter(({ name }) => name === QUEUES_VARIABLE);
  return known(told.some(({ value }) => isNamedIn(value, queue)));
}
