import type { World } from "../../world/world";
import { checkPattern, type EventPattern } from "../../world/eventPattern";
import type { Resource } from "../monitor";
import { json, text, type DeclaredProgram } from "../read";
import { allowsEvents } from "./resourcePolicy";
import type { Reader } from "./reader";

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** A rule exists in the world because the program declared it, and delivers to what its targets name. */
export const readEventRule: Reader = (resource, { program, world }) => {
  const { inputs, outputs } = resource;
  if (inputs.state === "DISABLED" || inputs.isEnabled === false) return;
  const pattern = json(inputs.eventPattern);
  if (pattern !== undefined) checkPattern(pattern, `event rule ${resource.name}`);
  world.bus.addRule({
    name: text(outputs.name),
    arn: text(outputs.arn),
    pattern: pattern as EventPattern | undefined,
    rateMs: rateMs(inputs.scheduleExpression, resource),
    deliver: targetsOf(resource, program).map((target) => delivery(target, resource, program, world)),
  });
};

function targetsOf(rule: Resource, program: DeclaredProgram): Resource[] {
  const names = [rule.id, rule.outputs.name, rule.outputs.arn];
  return program
    .ofType("aws:cloudwatch/eventTarget:EventTarget")
    .filter((target) => names.includes(target.inputs.rule));
}

/** What would change the event on its way. */
const NOT_MODELLED = ["input", "inputPath", "inputTransformer"];

type Deliver = (event: string) => void;

/** To a queue or a function whose own policy lets this rule in; what EventBridge may not do, it doesn't. */
function delivery(target: Resource, rule: Resource, program: DeclaredProgram, world: World): Deliver {
  for (const input of NOT_MODELLED) {
    if (target.inputs[input] !== undefined) {
      throw new Error(`event target ${target.name}: ${input} is not modelled; deliver the whole event`);
    }
  }
  const arn = text(target.inputs.arn);
  const deliver = receiver(arn, world);
  if (deliver === undefined) {
    throw new Error(`event target ${target.name} delivers to ${arn}: a queue or a function of the program is modelled`);
  }
  const ruleArn = text(rule.outputs.arn);
  if (allowsEvents(arn, ruleArn, program)) return deliver;
  return () => world.context.log.write("events.Refused", { rule: rule.name, target: arn });
}

function receiver(arn: string, world: World): Deliver | undefined {
  for (const queue of world.queues.values()) {
    if (queue.spec.arn === arn) return (event) => void queue.send(event);
  }
  const fn = world.functions.find((each) => each.spec.arn === arn);
  return fn === undefined ? undefined : (event) => fn.invokeAsync(JSON.parse(event));
}

function rateMs(expression: unknown, resource: Resource): number | undefined {
  if (expression === undefined) return undefined;
  const [, amount, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(text(expression)) ?? [];
  if (unit === undefined) {
    throw new Error(
      `event rule ${resource.name}: schedule ${text(expression)} is not modelled; rate(N minutes|hours|days) is`,
    );
  }
  return Number(amount) * UNIT_MS[unit]!;
}
