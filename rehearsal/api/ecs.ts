/** ECS's API as far as the functions call it. */
import { instances } from "./ecs/instances";
import { services } from "./ecs/services";
import { tasks } from "./ecs/tasks";
import type { Operation } from "./operation";

export const ecs: Readonly<Record<string, Operation>> = { ...instances, ...tasks, ...services };
