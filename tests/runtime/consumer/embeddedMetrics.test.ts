import { expect } from "chai";
import { embeddedMetrics } from "../../../runtime/consumer/embeddedMetrics";
import type { ConsumerEvent } from "../../../runtime/consumer/events";
import { FakeClock } from "../fakeClock";

const OF_JOB = { queue: "high", queueUrl: "https://sqs.test/123456789012/shop-high", jobId: "m1", receiveCount: 1 };

interface Line {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [key: string]: unknown;
}

async function linesOf(events: readonly ConsumerEvent[]): Promise<Line[]> {
  const clock = new FakeClock();
  const lines: string[] = [];
  const metrics = embeddedMetrics({ write: (line) => lines.push(line), timers: clock });
  for (const event of events) metrics.report(event);
  await clock.goOn(10_000);
  metrics.flush();
  return lines.map((line) => JSON.parse(line) as Line);
}

describe("a consumer's metrics", () => {
  it("count by the queue's name in AWS", async () => {
    const [line, ...others] = await linesOf([
      { kind: "received", queue: "high", queueUrl: OF_JOB.queueUrl, count: 2 },
      { kind: "started", ...OF_JOB, secondsInQueue: 4 },
      { kind: "done", ...OF_JOB, seconds: 1 },
      { kind: "started", ...OF_JOB, secondsInQueue: 6 },
      { kind: "failed", ...OF_JOB, seconds: 1, error: new Error("broken"), retryInSeconds: 5 },
      { kind: "stopping", inProgress: 0, secondsLeft: 55 },
    ]);
    expect(others).to.deep.equal([]);
    const { _aws, ...values } = line!;
    expect(values).to.deep.equal({
      QueueName: "shop-high",
      JobsReceived: 2,
      JobsDone: 1,
      JobsFailed: 1,
      SecondsInQueue: [4, 6],
    });
    const [directive] = _aws.CloudWatchMetrics;
    expect(directive!.Namespace).to.equal("Spotproof");
    expect(directive!.Dimensions).to.deep.equal([["QueueName"]]);
    expect(directive!.Metrics.map(({ Name }) => Name)).to.have.members(
      Object.keys(values).filter((key) => key !== "QueueName"),
    );
  });

  it("have no more than a hundred values in a line", async () => {
    const events = Array.from({ length: 250 }, (_, index): ConsumerEvent => ({
      kind: "started",
      ...OF_JOB,
      secondsInQueue: index,
    }));
    const lines = await linesOf(events);
    const values = lines.map(({ SecondsInQueue }) => SecondsInQueue as number[]);
    expect(values.map(({ length }) => length)).to.deep.equal([100, 100, 50]);
    expect(values.flat()).to.have.length(new Set(values.flat()).size);
    expect(lines.map(({ JobsReceived }) => JobsReceived)).to.deep.equal([250, undefined, undefined]);
  });

  it("tell of nothing when nothing happened", async () => {
    expect(await linesOf([])).to.deep.equal([]);
  });
});
