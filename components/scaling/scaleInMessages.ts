/** Scaling in workers: by the messages of their queues, which no task can be taken out of. */
import { alarmQueries } from "./metricMath";
import { messageMetrics, messagesPerTask, openMessages, type QueuesMeasured } from "./queueMetrics";
import type { ScaleInLoad, ScaleInPace } from "./scaleInLoad";
import type { ResolvedWorkerTiers, WorkerFacts } from "./workerScalingResolved";

/** From the mark on: what a task took just before it is protected by then, in the time that its agent has for it and ECS for the mark. */
const SETTLE_SECONDS = 2;

/**
 * A task keeps no more messages than it works on at once: of those that are idle at that moment, as many stay as messages wait. With
 * no task, or where SQS tells nothing of the queues, there is nothing to scale in.
 */
export function messagesLoad(
  { tiersPer, forMinutes }: ResolvedWorkerTiers,
  measured: QueuesMeasured,
  { concurrency, checkIntervalSeconds }: WorkerFacts & { readonly checkIntervalSeconds: number },
): ScaleInLoad {
  const math = tiersPer === "task" ? messagesPerTask(measured) : openMessages(measured);
  return {
    of: "messages",
    description: "by tasks without a job",
    lowAlarm: {
      metricQueries: alarmQueries(math),
      evaluationPeriods: forMinutes,
      treatMissingData: "notBreaching",
    },
    unit: math.label,
    metrics: messageMetrics(measured),
    mostPerTask: concurrency,
    targetGroups: [],
    pace: messagesPace(checkIntervalSeconds),
  };
}

/** How tasks that take messages are taken out. */
export const messagesPace = (checkIntervalSeconds: number): ScaleInPace => {
  return { look: checkIntervalSeconds, healthCheck: checkIntervalSeconds, settle: SETTLE_SECONDS };
};
