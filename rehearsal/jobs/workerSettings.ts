/** What a worker's container is told by its task definition. */
import { consumerSettings, type ConsumerSettings } from "../../runtime/consumer/environment";
import type { ConsumerQueue } from "../../runtime/consumer/options";
import { InputError } from "../inputs/inputError";
import type { TaskDefinitionSpec } from "../world/ecs/spec";

const known = new WeakMap<TaskDefinitionSpec, ConsumerSettings | undefined>();

/** From the container that names queues, as its consumer reads them; undefined where the task is no worker. */
export function consumerSettingsOf(taskDefinition: TaskDefinitionSpec): ConsumerSettings | undefined {
  if (!known.has(taskDefinition)) known.set(taskDefinition, read(taskDefinition));
  return known.get(taskDefinition);
}

/** In order of priority; none where it is no worker. */
export const queuesOf = (taskDefinition: TaskDefinitionSpec): readonly ConsumerQueue[] =>
  consumerSettingsOf(taskDefinition)?.queues ?? [];

/** @throws InputError for an environment with which the container wouldn't start */
function read({ containers, family }: TaskDefinitionSpec): ConsumerSettings | undefined {
  const environment = containers.find((each) => each.environment?.SPOTPROOF_QUEUES !== undefined)?.environment;
  if (environment === undefined) return undefined;
  try {
    return consumerSettings(environment);
  } catch (error) {
    throw new InputError("Program", [
      {
        where: `task definition ${family}`,
        given: (error as Error).message,
        allowed: "what a worker's container can start with",
        fix: "correct these variables",
      },
    ]);
  }
}
