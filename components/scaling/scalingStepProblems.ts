/** What can be wrong with the steps of scaling, each alone, in their tables, and against each other. */
import { rangeProblems, type Problem } from "../problems";
import { boundProblems, metricProblems } from "./scalingMetricProblems";
import { metricId } from "./scalingMetric";
import { LARGEST_COUNT, type ScalingFacts } from "./scalingResolved";
import { MOST_STEPS, severity, stepTables, type Direction, type Step, type StepTable } from "./scalingSteps";

/** An alarm looks back a day at most, and its periods are minutes here.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
export const MOST_MINUTES = 1440;

/** What a step's numbers are called in the args. */
const WORDS = {
  out: { bound: "atLeast", tasks: "add", further: "higher" },
  in: { bound: "below", tasks: "remove", further: "lower" },
} as const;

export function stepProblems(direction: Direction, steps: readonly Step[], facts: ScalingFacts): Problem[] {
  const problems = steps.flatMap((step) => singleProblems(direction, step, facts));
  if (problems.length > 0) return problems;
  const tables = stepTables(direction, steps);
  return [...tables.flatMap(tableProblems), ...tables.flatMap((table) => slowerProblems(table, tables))];
}

function singleProblems(direction: Direction, step: Step, facts: ScalingFacts): Problem[] {
  const { property, metric, bound, forMinutes, tasks } = step;
  const words = WORDS[direction];
  return [
    ...metricProblems(`${property}.metric`, metric, facts),
    ...boundProblems(`${property}.${words.bound}`, metric, bound),
    ...rangeProblems(`${property}.forMinutes`, forMinutes, 1, MOST_MINUTES),
    ...rangeProblems(`${property}.${words.tasks}`, tasks, 1, LARGEST_COUNT),
  ];
}

function tableProblems(table: StepTable): Problem[] {
  const { direction, steps } = table;
  const tooMany = steps.length - MOST_STEPS;
  const many: Problem[] =
    tooMany > 0
      ? [
          {
            property: direction === "out" ? "scaling.scaleOut" : "scaling.scaleIn",
            given: `${steps.length} steps of ${table.metricId} for ${minutes(table.forMinutes)}`,
            allowed: `at most ${MOST_STEPS}, which is what a scaling policy takes`,
            change: `remove ${tooMany}`,
          },
        ]
      : [];
  return [...many, ...steps.flatMap((step, index) => orderProblems(direction, steps[index - 1], step))];
}

/** A step against the one before it, which is reached first. */
function orderProblems(direction: Direction, before: Step | undefined, step: Step): Problem[] {
  if (!before) return [];
  const words = WORDS[direction];
  if (before.bound === step.bound) {
    const allowed = `another bound than ${before.property}'s, of the same metric and time`;
    const change = "remove one of the two, or change its bound";
    return [{ property: `${step.property}.${words.bound}`, given: step.bound, allowed, change }];
  }
  if (step.tasks >= before.tasks) return [];
  const allowed = `at least the ${before.tasks} of ${before.property}, because its bound is ${words.further}`;
  const change = `raise it to ${before.tasks} or more, or lower that one`;
  return [{ property: `${step.property}.${words.tasks}`, given: step.tasks, allowed, change }];
}

/**
 * Steps that never change anything, because a table of the same metric that alarms sooner has acted before them and still does.
 * Scaling out, a slower step must add more than the faster ones do by then; within their cooldown it adds the difference. Scaling in,
 * no slower one ever comes to act: the cooldown of the faster ones blocks it, and after that, since all of them are in alarm, AWS
 * goes to the largest count, which is that of who removes least.
 */
function slowerProblems(table: StepTable, tables: readonly StepTable[]): Problem[] {
  const { direction } = table;
  const faster = tables
    .filter((each) => each.metricId === table.metricId && each.forMinutes < table.forMinutes)
    .flatMap((each) => each.steps);
  return table.steps.flatMap((step) => {
    const sooner = faster.filter((each) => severity(direction, each) <= severity(direction, step));
    const stronger = direction === "in" ? sooner[0] : sooner.find((each) => each.tasks >= step.tasks);
    if (!stronger) return [];
    const { bound, tasks } = WORDS[direction];
    const given = `${bound} ${step.bound} for ${minutes(step.forMinutes)}, ${tasks} ${step.tasks}`;
    const when = `${stronger.property} is reached after ${minutes(stronger.forMinutes)} already`;
    const allowed =
      direction === "out"
        ? `a step that adds more than ${stronger.tasks}: ${when}, and adds as much`
        : `steps of one metric with one forMinutes: ${when}, and goes on blocking this one, by its cooldown and because the largest count wins`;
    return [
      { property: step.property, given, allowed, change: "remove one of the two, or give both the same forMinutes" },
    ];
  });
}

/** A value between the two bounds would add and remove tasks by turns. */
export function fightProblems(outSteps: readonly Step[], inSteps: readonly Step[]): Problem[] {
  return inSteps.flatMap((step) => {
    const same = outSteps.filter((each) => metricId(each.metric) === metricId(step.metric));
    const lowest = same.reduce<Step | undefined>(
      (low, each) => (low && low.bound <= each.bound ? low : each),
      undefined,
    );
    if (!lowest || step.bound < lowest.bound) return [];
    const allowed = `less than the ${lowest.bound} of ${lowest.property}, or they would fight: one removes what the other adds`;
    const change = `lower it well below ${lowest.bound}, or raise that one`;
    return [{ property: `${step.property}.below`, given: step.bound, allowed, change }];
  });
}

const minutes = (count: number): string => (count === 1 ? "1 minute" : `${count} minutes`);
