import type { World } from "../../world/world";
import type { EventPattern } from "../../world/eventBridge";
import type { Resource } from "../monitor";
import { json, text, type DeclaredProgram } from "../read";
import type { Reader } from "./reader";

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** A rule exists in the world because the program declared it, and delivers to what its targets name. */
export const readEventRule: Reader = (resource, { program, world }) => {
  const { inputs, outputs } = resource;
  if (inputs.state === "DISABLED") return;
  world.bus.addRule({
    name: text(outputs.name),
    arn: text(outputs.arn),
    pattern: json(inputs.eventPattern) as EventPattern | undefined,
    rateMs: rateMs(inputs.scheduleExpression, resource),
    deliver: targetsOf(resource, program).flatMap((target) => delivery(target, world)),
  });
};

function targetsOf(rule: Resource, program: DeclaredProgram): Resource[] {
  const names = [rule.id, rule.outputs.name, rule.outputs.arn];
  return program
    .ofType("aws:cloudwatch/eventTarget:EventTarget")
    .filter((target) => names.includes(target.inputs.rule as string));
}

function delivery(target: Resource, world: World): ((event: string) => void)[] {
  const queue = [...world.queues.values()].find((each) => each.spec.arn === target.inputs.arn);
  if (queue !== undefined) return [(event) => void queue.send(event)];
  const fn = world.functions.find((each) => each.spec.arn === target.inputs.arn);
  return fn === undefined ? [] : [(event) => fn.invoke(JSON.parse(event), () => undefined)];
}

function rateMs(expression: unknown, resource: Resource): number | undefined {
  if (expression === undefined) return undefined;
  const [, amount, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(text(expression)) ?? [];
  if (unit === undefined)
    throw new Error(
      `rule ${resource.name}: schedule ${text(expression)} is not modelled; rate(N minutes|hours|days) is`,
    );
  return Number(amount) * UNIT_MS[unit]!;
}
