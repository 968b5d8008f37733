import { expect } from "chai";
import { sqsWorkerTierProblems, type CheckedTier } from "../../components/sqsWorkerTierProblems";
import { fromZeroNote, longJobNote, type NotedTier } from "../../components/worker/workerNotes";
import { TIER, tierFailure } from "./worker/tierFixture";

const CLUSTER = { stopTimeoutSeconds: 110, checkIntervalSeconds: 10, hasOnDemandCapacity: true };

const text = ({ property, given, allowed, change }: ReturnType<typeof sqsWorkerTierProblems>[number]): string =>
  `${property}: given ${JSON.stringify(given)}; allowed: ${allowed}; change: ${change}`;

/** The one thing that is wrong with such a tier. */
function problemOf(changes: Partial<CheckedTier>): string {
  const [problem, ...others] = problemsOf(changes);
  if (problem === undefined || others.length > 0)
    throw new Error(`${others.length + 1} problems: ${others.join("\n")}`);
  return problem;
}

const problemsOf = (changes: Partial<CheckedTier>): string[] =>
  sqsWorkerTierProblems({ ...TIER, ...changes }, CLUSTER, "mail").map(text);

const queue = (more: object) => ({ queues: [{ name: "high", ...more }] });
const ARN = "arn:aws:sqs:eu-west-1:123456789012:orders";

describe("what can be wrong with a worker tier", () => {
  it("is nothing where all is well", () => {
    expect(problemsOf({})).to.deep.equal([]);
    expect(problemsOf({ longestJobSeconds: 43_200, scaling: { minCount: 1, maxCount: 50 } })).to.deep.equal([]);
  });

  it("is said all at once, before anything is declared", async () => {
    const message = await tierFailure({ cpu: 0, queues: ["high", "High"], longestJobSeconds: 50_000, concurrency: 0 });
    expect(message).to.match(
      /^SqsWorkerTier mail: 4 problems[^]*queues\[1\]\.name[^]*concurrency: given 0[^]*longestJobSeconds[^]*cpu/,
    );
  });

  describe("in its queues", () => {
    it("is that there are none, or more than a task can ask in order", () => {
      expect(problemOf({ queues: [] })).to.match(/^queues: given \[\]; allowed: at least one/);
      const queues = Array.from({ length: 11 }, (_, index) => `q${index}`);
      const many = problemsOf({ queues, scaling: { scaleOut: [{ atLeast: 1, add: 1 }], scaleIn: "none" } });
      expect(many.join("\n")).to.match(
        /^queues: given "11 queues"; allowed: at most 10.*change: remove 1, or give services: "perQueue"/,
      );
      expect(problemsOf({ queues, services: "perQueue" })).to.deep.equal([]);
    });

    it("is a name that parts of the tier have, that is too long, or that is there twice", () => {
      expect(problemOf({ queues: ["high-dlq"] })).to.match(
        /^queues\[0\]\.name: given "high-dlq"; allowed: a name that parts/,
      );
      expect(problemOf({ queues: ["scale-in"] })).to.match(/not scale-in/);
      expect(problemOf({ queues: ["a".repeat(32)] })).to.match(/at most 36 with mail- before it; change: shorten/);
      expect(problemOf({ queues: ["1st"] })).to.match(/a letter first/);
      expect(problemOf({ queues: ["high", "low", "HIGH"] })).to.match(
        /^queues\[2\]\.name.*another name than queues\[0\]'s/,
      );
    });

    it("is a value that SQS doesn't take", () => {
      expect(problemOf(queue({ delaySeconds: 901 }))).to.match(
        /^queues\[0\]\.delaySeconds: given 901; allowed: .* 0 to 900/,
      );
      expect(problemOf(queue({ receiveWaitTimeSeconds: 21 }))).to.match(/lower it to 20 or less/);
      expect(problemOf(queue({ weight: 0 }))).to.match(/raise it to 1 or more/);
      expect(problemOf(queue({ maxMessageSizeBytes: 2_000_000 }))).to.match(/1024 to 1048576/);
      expect(problemOf(queue({ kmsMasterKeyId: "alias/orders" }))).to.match(
        /^queues\[0\]\.kmsMasterKeyId.*not its alias's/,
      );
    });

    it("is so few receives that an interruption would make a dead letter of a good job", () => {
      expect(problemOf(queue({ maxReceiveCount: 2 }))).to.match(
        /^queues\[0\]\.maxReceiveCount: given 2; allowed: .* 3 to 1000: a good job may be interrupted/,
      );
    });

    it("is a message kept for less than waiting and its job take, or so long that its dead letter is gone at once", () => {
      const short = problemOf({ ...queue({ messageRetentionSeconds: 3600 }), longestJobSeconds: 7200 });
      expect(short).to.match(
        /^queues\[0\]\.messageRetentionSeconds: given 3600; allowed: at least 7800.*change: raise it to 7800/,
      );
      const long = queue({ messageRetentionSeconds: 14 * 86_400 });
      expect(problemOf(long)).to.match(/allowed: at most 1123200: a dead letter of a standard queue keeps its age/);
      expect(problemsOf({ ...long, fifo: true })).to.deep.equal([]);
    });

    it("is a message hidden for less than its job, where no heartbeat prolongs that", () => {
      const hidden = { ...queue({ visibilityTimeoutSeconds: 60 }), longestJobSeconds: 90 };
      expect(problemsOf(hidden)).to.deep.equal([]);
      expect(problemOf({ ...hidden, heartbeat: false })).to.match(
        /^queues\[0\]\.visibilityTimeoutSeconds: given 60; allowed: more than longestJobSeconds, which is 90: without a heartbeat/,
      );
      expect(problemOf({ heartbeat: false })).to.match(/^heartbeat: given false; allowed: true, or longestJobSeconds/);
    });

    it("is an ARN of something else, or of the other kind of queue", () => {
      expect(problemOf(queue({ arn: "orders" }))).to.match(
        /^queues\[0\]\.arn: given "orders"; allowed: the ARN of an SQS queue/,
      );
      expect(problemOf(queue({ arn: `${ARN}.fifo` }))).to.match(
        /allowed: a standard queue's.*make a tier for each kind/,
      );
      expect(problemOf({ ...queue({ deadLetterQueueArn: ARN }), fifo: true })).to.match(
        /^queues\[0\]\.deadLetterQueueArn.*a FIFO queue's/,
      );
    });

    it("is a setting of a queue that exists, or of FIFO queues where there are none", () => {
      expect(problemOf(queue({ arn: ARN, delaySeconds: 5 }))).to.match(
        /^queues\[0\]\.delaySeconds.*change: remove it, or the ARN/,
      );
      expect(problemOf(queue({ highThroughput: true }))).to.match(/^queues\[0\]\.highThroughput.*only of FIFO queues/);
    });
  });

  describe("in its jobs", () => {
    it("is one that takes longer than SQS hides a message", () => {
      expect(problemOf({ longestJobSeconds: 43_201 })).to.match(
        /^longestJobSeconds: given 43201; allowed: .* 1 to 43200: SQS hides a message for 12 hours at most.*checkpoint/,
      );
    });

    it("is a mean that isn't known, where scaling goes by it, or is longer than the longest", () => {
      expect(problemOf({ msgProcessingSeconds: undefined })).to.match(/^msgProcessingSeconds: given undefined/);
      const steps = { scaleOut: [{ atLeast: 1, add: 1 }], scaleIn: "none" } as const;
      expect(problemsOf({ msgProcessingSeconds: undefined, scaling: steps })).to.deep.equal([]);
      expect(problemOf({ msgProcessingSeconds: 90, longestJobSeconds: 60 })).to.match(
        /^msgProcessingSeconds: given 90; allowed: at most .* 60/,
      );
    });

    it("is that they aren't protected, and may take longer than a task has to stop", () => {
      const unprotected = { protectsWork: false, stopTimeoutSeconds: 60 };
      expect(problemOf(unprotected)).to.match(
        /^protectsWork: given false; allowed: true where longestJobSeconds is not given: .* 50 s.*longestJobSeconds of at most 50/,
      );
      expect(problemOf({ ...unprotected, longestJobSeconds: 51 })).to.match(/where longestJobSeconds is 51: /);
      expect(problemOf({ ...unprotected, stopTimeoutSeconds: 9 })).to.match(/: remove it$/);
      expect(problemsOf({ ...unprotected, longestJobSeconds: 50 })).to.deep.equal([]);
    });

    it("is a stop that doesn't fit the notice, of which the containers have 110 seconds", () => {
      expect(problemsOf({ stopTimeoutSeconds: 110 })).to.deep.equal([]);
      expect(problemsOf({ stopTimeoutSeconds: 115 }).join("\n")).to.match(
        /^stopTimeoutSeconds: given 115; allowed: at most 110: /m,
      );
    });
  });

  describe("in what its containers are told", () => {
    it("is a variable that the tier sets", () => {
      expect(problemOf({ environment: { SPOTPROOF_POLLING: "weighted" } })).to.match(/^environment\.SPOTPROOF_POLLING/);
      const secret = "arn:aws:ssm:eu-west-1:123456789012:parameter/queues";
      expect(problemOf({ secrets: { SPOTPROOF_QUEUES: secret } })).to.match(/^secrets\.SPOTPROOF_QUEUES/);
      const taker = { image: TIER.image as string, memoryReservationMiB: 64, environment: { SPOTPROOF_QUEUES: "[]" } };
      expect(problemsOf({ sidecars: { taker } })).to.deep.equal([]);
      expect(problemOf({ sidecars: { taker }, consumerContainer: "taker" })).to.match(
        /^sidecars\.taker\.environment\.SPOTPROOF_QUEUES/,
      );
    });

    it("is a sidecar that isn't there to take the jobs", () => {
      expect(problemOf({ consumerContainer: "taker" })).to.match(/^consumerContainer.*of which there are none/);
      const taker = { image: TIER.image as string, memoryReservationMiB: 64 };
      expect(problemOf({ consumerContainer: "takre", sidecars: { taker } })).to.match(/did you mean taker\?/);
    });

    it("is a sidecar that waits for the main container, whose name differs with a service per queue", () => {
      const log = { image: TIER.image as string, memoryReservationMiB: 64, dependsOn: { mail: "START" as const } };
      expect(problemsOf({ sidecars: { log } })).to.deep.equal([]);
      expect(problemOf({ sidecars: { log }, services: "perQueue" })).to.match(/^sidecars\.log: given "mail"/);
    });
  });

  it("is a word that isn't one of the choices, or an order where nothing is asked in order", () => {
    expect(problemOf({ polling: "strickt" as "strict" })).to.match(/did you mean strict\?/);
    expect(problemOf({ services: "two" as "one" })).to.match(/^services: given "two"; allowed: one, perQueue/);
    expect(problemOf({ services: "perQueue", polling: "weighted" })).to.match(
      /^polling: .*remove it, and give the queues weights/,
    );
  });

  it("is said of its scaling among the rest", () => {
    expect(problemOf({ scaling: { minCount: 5, maxCount: 2 } })).to.match(/^scaling\.maxCount: given 2/);
  });
});

describe("what is worth a word in a worker tier", () => {
  const NOTED: NotedTier = { capacity: "spot", stopTimeoutSeconds: 60, acceptableLatencySeconds: 600, minCount: 0 };

  it("is a job that an interruption gives back, unless it runs on demand", () => {
    const note = longJobNote({ ...NOTED, longestJobSeconds: 3600 });
    expect(note).to.match(
      /^longestJobSeconds is 3600, but a job has 60 s after a Spot notice.*begins again.*capacity: "onDemand"/,
    );
    expect(longJobNote({ ...NOTED, longestJobSeconds: 60 })).to.equal(undefined);
    expect(longJobNote({ ...NOTED, longestJobSeconds: 3600, capacity: "onDemand" })).to.equal(undefined);
    expect(longJobNote({ ...NOTED, longestJobSeconds: 3600, capacity: { spotWeight: 1, onDemandWeight: 1 } })).to.equal(
      note,
    );
  });

  it("is a latency that a tier without a task can't keep, with the time that it takes", () => {
    const note = fromZeroNote({ ...NOTED, acceptableLatencySeconds: 60 });
    expect(note).to.match(
      /^acceptableLatencySeconds is 60, but .* 210 s for a task, and 360 s where an instance .*minCount: 1/,
    );
    expect(fromZeroNote({ ...NOTED, acceptableLatencySeconds: 60, minCount: 1 })).to.equal(undefined);
    expect(fromZeroNote({ ...NOTED, acceptableLatencySeconds: 360 })).to.equal(undefined);
  });
});
