import { expect } from "chai";
import { MOST_METRICS, type MetricMath } from "../../../components/scaling/metricMath";
import {
  messageMetrics,
  messagesPerTask,
  messagesWithoutTasks,
  MOST_QUEUES,
  MOST_QUEUES_PER_TASK,
  openMessages,
  waitingMessages,
} from "../../../components/scaling/queueMetrics";
import { evaluateExpression, seriesOf, type Series } from "../../../rehearsal/world/cloudWatch/metricMath/evaluate";
import { parseExpression } from "../../../rehearsal/world/cloudWatch/metricMath/expression";

const _ = undefined;

const ofQueues = (count: number) => ({
  clusterName: "shop",
  serviceName: "mail",
  queueNames: Array.from({ length: count }, (_, index) => `queue-${index}`),
});
const TWO = ofQueues(2);

/** What it comes to in each minute; nothing is told of a metric that isn't given. */
function valueOf({ metrics, expression }: MetricMath, given: Readonly<Record<string, Series>>): Series {
  const ids = Object.keys(metrics);
  for (const id of Object.keys(given)) expect(ids).to.include(id);
  const periods = Math.max(...Object.values(given).map((series) => series.length));
  const none: Series = Array<undefined>(periods).fill(undefined);
  const queries = {
    periods,
    valueOf: (id: string) => (ids.includes(id) ? (given[id] ?? none) : undefined),
    metricIds: ids,
  };
  return seriesOf(evaluateExpression(parseExpression(expression), queries), periods);
}

describe("the messages that wait", () => {
  it("are those of all queues, one or many", () => {
    expect(valueOf(waitingMessages(TWO), { waiting0: [3, 0], waiting1: [4, 0] })).to.deep.equal([7, 0]);
    expect(valueOf(waitingMessages(ofQueues(1)), { waiting0: [3] })).to.deep.equal([3]);
  });

  it("are those of the others where one is not told of, and nothing where none is", () => {
    expect(valueOf(waitingMessages(TWO), { waiting0: [3, _], waiting1: [_, _] })).to.deep.equal([3, _]);
  });
});

describe("the open messages", () => {
  it("are those that wait and those in flight, of which SQS may tell nothing where there are none", () => {
    const given = { waiting0: [3, 3], waiting1: [0, 0], inFlight0: [5, _], inFlight1: [1, 1] };
    expect(valueOf(openMessages(TWO), given)).to.deep.equal([9, 4]);
  });

  it("are missing in a minute of which SQS has yet to tell", () => {
    const given = { waiting0: [3, _], waiting1: [0, _], inFlight0: [5, _] };
    expect(valueOf(openMessages(TWO), given)).to.deep.equal([8, _]);
  });

  it("are added up by the scale-in function from the same metrics", () => {
    expect(messageMetrics(TWO)).to.deep.equal(Object.values(openMessages(TWO).metrics));
    expect(messageMetrics(TWO).map(({ metricName, dimensions }) => [metricName, dimensions])).to.deep.equal([
      ["ApproximateNumberOfMessagesVisible", { QueueName: "queue-0" }],
      ["ApproximateNumberOfMessagesVisible", { QueueName: "queue-1" }],
      ["ApproximateNumberOfMessagesNotVisible", { QueueName: "queue-0" }],
      ["ApproximateNumberOfMessagesNotVisible", { QueueName: "queue-1" }],
    ]);
  });
});

describe("the messages per task", () => {
  it("are those that wait or are worked on, by the running tasks", () => {
    const given = { waiting0: [300], waiting1: [0], inFlight0: [10], tasks: [10] };
    expect(valueOf(messagesPerTask(TWO), given)).to.deep.equal([31]);
  });

  it("are missing where no task runs, and while either service is late", () => {
    const given = { waiting0: [300, _, 300], waiting1: [0, _, 0], tasks: [_, 10, 0] };
    expect(valueOf(messagesPerTask(TWO), given)).to.deep.equal([_, _, _]);
  });

  it("count a task as one sample of its service's CPU a minute", () => {
    expect(messagesPerTask(TWO).metrics.tasks).to.deep.equal({
      namespace: "AWS/ECS",
      metricName: "CPUUtilization",
      dimensions: { ClusterName: "shop", ServiceName: "mail" },
      statistic: "SampleCount",
    });
  });
});

describe("the messages that nobody works on", () => {
  const unattended = messagesWithoutTasks(TWO);

  it("are those that wait while no task runs", () => {
    expect(valueOf(unattended, { waiting0: [2, 0], waiting1: [1, 0] })).to.deep.equal([3, 0]);
  });

  it("are none while a task runs", () => {
    expect(valueOf(unattended, { waiting0: [3], waiting1: [0], tasks: [1] })).to.deep.equal([0]);
  });

  it("are none while a message is in flight, though the tasks' minute is late", () => {
    expect(valueOf(unattended, { waiting0: [3], waiting1: [0], inFlight1: [1] })).to.deep.equal([0]);
  });

  it("are missing in a minute of which SQS has yet to tell", () => {
    expect(valueOf(unattended, { waiting0: [3, _], tasks: [_, _] })).to.deep.equal([3, _]);
  });
});

describe("what an alarm may look at", () => {
  it("are the metrics of as many queues as are allowed, and of no more", () => {
    const count = (math: MetricMath): number => Object.keys(math.metrics).length;
    expect(count(messagesPerTask(ofQueues(MOST_QUEUES_PER_TASK)))).to.be.at.most(MOST_METRICS);
    expect(count(messagesPerTask(ofQueues(MOST_QUEUES_PER_TASK + 1)))).to.be.above(MOST_METRICS);
    expect(count(openMessages(ofQueues(MOST_QUEUES)))).to.be.at.most(MOST_METRICS);
    expect(count(openMessages(ofQueues(MOST_QUEUES + 1)))).to.be.above(MOST_METRICS);
  });
});
