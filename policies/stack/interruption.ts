/** Who hears of a Spot interruption notice, and what they may do about it. */
import { anyDecided, known, undecided, type Decided } from "../decided";
import { notKnown, text, valueAt } from "./read";
import { isObject, type Resource } from "./resource";
import { mayCall, wildcard } from "./permissions";
import type { Stack } from "./stack";
import { parseJson } from "./tasks";

const NOTICE = { source: "aws.ec2", "detail-type": "EC2 Spot Instance Interruption Warning" } as const;

/** Whether anything that EventBridge calls at a notice may call `action` on `target`. */
export function mayOnInterruption(stack: Stack, action: string, target?: Resource): Decided<boolean> {
  return anyDecided(stack.once(handlersOf, stack).map((handler) => handlerMay(stack, handler, action, target)));
}

function handlerMay(stack: Stack, handler: Decided<Resource>, action: string, target?: Resource): Decided<boolean> {
  return handler.kind === "undecided" ? handler : mayCall(stack, handler.value, "role", action, target);
}

/** Functions that get the notice, and reasons why something else may. */
function handlersOf(stack: Stack): Decided<Resource>[] {
  const each = stack.all("eventRule").flatMap((rule) => {
    const matches = matchesNotice(rule);
    if (matches.kind === "undecided") return [matches];
    return matches.value
      ? stack.referring("eventTarget", "rule", rule, "eventRule").flatMap((target) => functionsBehind(stack, target))
      : [];
  });
  const functions = new Set(each.flatMap((one) => (one.kind === "known" ? [one.value] : [])));
  return [...[...functions].map((one) => known(one)), ...each.filter((one) => one.kind === "undecided")];
}

function matchesNotice({ props, label }: Resource): Decided<boolean> {
  if (valueAt(props, "state") === "DISABLED") return known(false);
  if (valueAt(props, "isEnabled") === false) return known(false);
  const pattern = text(props, "eventPattern");
  return pattern.kind === "known"
    ? known(patternMatches(pattern.value))
    : undecided(notKnown(`the pattern of ${label}`));
}

/** A rule without a pattern goes by a schedule. */
function patternMatches(pattern: string | undefined): boolean {
  const parsed = pattern === undefined ? undefined : parseJson(pattern);
  return isObject(parsed) && matchesField(parsed, "source") && matchesField(parsed, "detail-type");
}

function matchesField(pattern: Readonly<Record<string, unknown>>, field: keyof typeof NOTICE): boolean {
  const allowed = pattern[field];
  return allowed === undefined || (Array.isArray(allowed) && allowed.some((each) => matches(each, NOTICE[field])));
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
function matches(pattern: unknown, value: string): boolean {
  if (!isObject(pattern)) return pattern === value;
  const { prefix, suffix, wildcard: glob, "equals-ignore-case": same, "anything-but": but } = pattern;
  if (typeof prefix === "string") return value.startsWith(prefix);
  if (typeof suffix === "string") return value.endsWith(suffix);
  if (typeof glob === "string") return wildcard(glob).test(value);
  if (typeof same === "string") return same.toLowerCase() === value.toLowerCase();
  return but !== undefined && ![but].flat().includes(value);
}

/** Directly, or through a queue that a function reads. */
function functionsBehind(stack: Stack, target: Resource): Decided<Resource>[] {
  const arn = valueAt(target.props, "arn");
  const direct = stack.follow(target, "arn", arn, "function");
  if (direct.kind === "found") return direct.resources.map((each) => known(each));
  const queue = stack.follow(target, "arn", arn, "queue");
  if (queue.kind === "found") return queue.resources.flatMap((each) => readersOf(stack, each));
  return [undecided(`what ${target.label} does with a notice isn't in this stack`)];
}

function readersOf(stack: Stack, queue: Resource): Decided<Resource>[] {
  return mappingsOf(stack, queue).flatMap((mapping): Decided<Resource>[] => {
    const link = stack.follow(mapping, "functionName", valueAt(mapping.props, "functionName"), "function");
    return link.kind === "found" ? link.resources.map((each) => known(each)) : [undecided(link.reason)];
  });
}

export function mappingsOf(stack: Stack, queue: Resource): readonly Resource[] {
  return stack.referring("eventSourceMapping", "eventSourceArn", queue, "queue");
}
