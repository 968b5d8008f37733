/** ECS's API as far as the functions call it. */
import { instances } from "./ecs/instances";
import { protection } from "./ecs/protection";
import { services } from "./ecs/services";
import { tags } from "./ecs/tags";
import { taskDefinitions } from "./ecs/taskDefinitions";
import { tasks } from "./ecs/tasks";
import type { Operation } from "./operation";

export const ecs: Readonly<Record<string, Operation>> = {
  ...instances,
  ...tasks,
  ...protection,
  ...tags,
  ...services,
  ...taskDefinitions,
};
