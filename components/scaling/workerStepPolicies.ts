/** Step scaling of workers: by the messages that wait, by those that are left, and out of zero tasks. */
import { alarmQueries, type MetricMath } from "./metricMath";
import { SCALING_DEFAULTS } from "./scalingArgs";
import { messagesWithoutTasks, openMessages, waitingMessages, type QueuesMeasured } from "./queueMetrics";
import { tableAlarm, tableConfiguration, wordsOf, type StepPolicyArgs } from "./scalingStepPolicies";
import { MOST_STEPS, stepTables, type Step, type StepTable } from "./scalingSteps";
import type { ScalingContext } from "./scalingTarget";

/** Named `sqs-up` and `sqs-down`; those of another time than the default say it. */
export function messageSteps(
  name: string,
  { out, in: inwards }: { readonly out: readonly Step[]; readonly in: readonly Step[] },
  measured: QueuesMeasured,
  context: ScalingContext,
): StepPolicyArgs[] {
  const up = stepTables("out", out).map((table) => tableSteps(name, table, waitingMessages(measured), context));
  const down = stepTables("in", inwards).map((table) => tableSteps(name, table, openMessages(measured), context));
  return [...up, ...down];
}

const USUAL_MINUTES = { out: SCALING_DEFAULTS.scaleOutForMinutes, in: SCALING_DEFAULTS.scaleInForMinutes };

function tableSteps(name: string, table: StepTable, math: MetricMath, context: ScalingContext): StepPolicyArgs {
  const { direction, forMinutes } = table;
  const time = forMinutes === USUAL_MINUTES[direction] ? "" : `-${forMinutes}m`;
  return {
    name: `${name}-sqs-${direction === "out" ? "up" : "down"}${time}`,
    direction,
    configuration: tableConfiguration(table, context),
    alarm: {
      alarmDescription: `${name}: ${math.label}: ${wordsOf(table)}`,
      metricQueries: alarmQueries(math),
      ...tableAlarm(table),
      // A queue that nobody has asked for hours has no values, and no messages.
      treatMissingData: direction === "in" ? "breaching" : "notBreaching",
    },
  };
}

const ONE_MESSAGE = 1;

/** Minutes in a row: in one, a message may lie where it is counted just before an idle worker takes it, and ECS's minute be late. */
const ALONE_MINUTES = 2;

/**
 * Out of zero tasks: as many as the messages are for, exactly, so that the alarm, which lasts until the first of them shows in the
 * metrics, adds no more however long there is no capacity. What target tracking does with no task at all, nobody promises.
 */
export function fromZero(
  name: string,
  { messagesOfTask, maxCount }: { readonly messagesOfTask: number; readonly maxCount: number },
  measured: QueuesMeasured,
): StepPolicyArgs {
  const math = messagesWithoutTasks(measured);
  return {
    name: `${name}-from-zero`,
    direction: "out",
    configuration: {
      adjustmentType: "ExactCapacity",
      metricAggregationType: "Average",
      cooldown: 0,
      stepAdjustments: exactSteps(messagesOfTask, maxCount),
    },
    alarm: {
      alarmDescription: `${name}: ${math.label}; starts as many as they are for`,
      metricQueries: alarmQueries(math),
      evaluationPeriods: ALONE_MINUTES,
      datapointsToAlarm: ALONE_MINUTES,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: ONE_MESSAGE,
      treatMissingData: "notBreaching",
    },
  };
}

/** Messages from which on so many tasks are started; with more tasks than a policy has steps, some are left out. */
function exactSteps(messagesOfTask: number, maxCount: number) {
  const count = Math.min(MOST_STEPS, maxCount);
  const tasks = Array.from({ length: count }, (_, index) => Math.ceil(((index + 1) * maxCount) / count));
  const aboveThreshold = [0, ...tasks.map((each) => Math.floor(each * messagesOfTask))];
  return tasks.map((scalingAdjustment, index) => ({
    metricIntervalLowerBound: String(aboveThreshold[index]!),
    metricIntervalUpperBound: index + 1 < count ? String(aboveThreshold[index + 1]!) : undefined,
    scalingAdjustment,
  }));
}
