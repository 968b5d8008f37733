/** Which services of the stack work off which queues: who may receive, or who is told of the queue and serves nobody else. */
import type { Decided } from "../decided";
import { mappingsOf } from "./interruption";
import { mayCall } from "./permissions";
import { valueAt } from "./read";
import { isObject, UNKNOWN, type Properties, type Resource } from "./resource";
import type { Stack } from "./stack";
import { containersOf, isBalanced, parseJson, taskDefinitionOf, type Container } from "./tasks";

export interface Worker {
  readonly service: Resource;
  readonly queue: Resource;
}

export function workersOf(stack: Stack): readonly Worker[] {
  return stack.once(findWorkers, stack);
}

function findWorkers(stack: Stack): Worker[] {
  const queues = stack.all("queue").filter((queue) => mappingsOf(stack, queue).length === 0);
  const deadLetters = new Set(queues.flatMap((queue) => deadLetterQueueOf(stack, queue)));
  const working = queues.filter((queue) => !deadLetters.has(queue));
  return stack.all("service").flatMap((service) => {
    const definition = taskDefinitionOf(stack, service);
    if (definition.kind === "undecided" || !definition.value) return [];
    const task = definition.value;
    return working.filter((queue) => receives(stack, service, task, queue)).map((queue) => ({ service, queue }));
  });
}

function receives(stack: Stack, service: Resource, task: Resource, queue: Resource): boolean {
  const may = valueAt(task.props, "taskRoleArn") === undefined ? undefined : mayReceive(stack, task, queue);
  if (may?.kind === "known") return may.value;
  return !isBalanced(service) && isToldOf(stack, task, queue);
}

const mayReceive = (stack: Stack, task: Resource, queue: Resource): Decided<boolean> =>
  mayCall(stack, task, "taskRoleArn", "sqs:ReceiveMessage", queue);

function isToldOf(stack: Stack, task: Resource, queue: Resource): boolean {
  if (stack.dependenciesOf(task, "containerDefinitions", "queue").includes(queue)) return true;
  const containers = containersOf(stack, task);
  if (containers.kind === "undecided") return false;
  return containers.value.flatMap(environmentOf).some(({ value }) => isNamedIn(value, queue));
}

export function environmentOf({ props }: Container): readonly Properties[] {
  const { environment } = props;
  return Array.isArray(environment) ? environment.filter(isObject) : [];
}

/** A variable is the queue's URL, name or ARN, or JSON with it in any place. */
export function isNamedIn(variable: unknown, queue: Resource): boolean {
  const { identities } = queue;
  const named = (value: unknown): boolean =>
    typeof value === "string" ? identities.includes(value) : isNested(value) && Object.values(value).some(named);
  return named(variable) || (typeof variable === "string" && named(parseJson(variable)));
}

const isNested = (value: unknown): value is object => typeof value === "object" && value !== null;

/** What a queue's redrive policy is: absent, or its text, or given but not known yet. */
export function redrivePolicyOf(stack: Stack, queue: Resource): unknown {
  const own = valueAt(queue.props, "redrivePolicy");
  if (own !== undefined) return own;
  const [separate] = stack.referring("redrivePolicy", "queueUrl", queue, "queue");
  return separate && valueAt(separate.props, "redrivePolicy");
}

function deadLetterQueueOf(stack: Stack, queue: Resource): readonly Resource[] {
  const policy = redrivePolicyOf(stack, queue);
  if (policy === UNKNOWN) return stack.dependenciesOf(queue, "redrivePolicy", "queue");
  const { deadLetterTargetArn: arn } = redriveOf(policy);
  const target = typeof arn === "string" ? stack.named("queue", arn) : undefined;
  return target ? [target] : [];
}

/** What a redrive policy's text says; nothing where it is no JSON. */
export function redriveOf(policy: unknown): Properties {
  const parsed = typeof policy === "string" ? parseJson(policy) : undefined;
  return isObject(parsed) ? parsed : {};
}
