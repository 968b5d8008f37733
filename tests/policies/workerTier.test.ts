/** A worker tier, as it is by default and with one thing wrong in it. */
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { SqsWorkerTierTransforms } from "../../components/sqsWorkerTierArgs";
import { judge, type Judgement } from "../../policies/judge";
import { RULES } from "../../policies/rules";
import { declareProgram } from "../../rehearsal/deploy/program";
import { readStackConfig } from "../../rehearsal/deploy/stackConfig";
import { recordTier } from "../components/worker/tierFixture";
import { PLACE } from "../support/stage";

const EXAMPLE = path.join(__dirname, "..", "..", "examples", "web-and-workers");

const SOUND: Judgement = { checked: RULES.length, violations: [], undecided: [] };

type Container = Record<string, unknown>;

async function judged(...shape: Parameters<typeof recordTier>): Promise<Judgement> {
  return judge((await recordTier(...shape)).resources);
}

/** The rules that find something, with the resources in which they find it. */
async function found(transform: SqsWorkerTierTransforms): Promise<string[]> {
  const { violations, undecided } = await judged({ transform });
  expect(undecided).to.deep.equal([]);
  return violations.map(({ rule, message }) => `${rule}: ${/"[^"]+"/.exec(message)![0]}`).sort();
}

/** With something else in its main container. */
const inContainer = (change: (container: Container) => Container): SqsWorkerTierTransforms => ({
  taskDefinition: (args) => ({
    ...args,
    containerDefinitions: pulumi
      .output(args.containerDefinitions)
      .apply((text) => JSON.stringify((JSON.parse(text) as Container[]).map(change))),
  }),
});

const redriven = (maxReceiveCount: number): SqsWorkerTierTransforms => ({
  queue: (args) => ({
    ...args,
    redrivePolicy: pulumi
      .output(args.redrivePolicy)
      .apply((text) => JSON.stringify({ ...(JSON.parse(String(text)) as object), maxReceiveCount })),
  }),
});

describe("the policies on a worker tier", () => {
  const SHAPES: Readonly<Record<string, Parameters<typeof recordTier>>> = {
    "as it is by default": [],
    "with a service for each queue": [{ services: "perQueue" }],
    "with FIFO queues in turn": [{ fifo: true, polling: "weighted" }],
    "whose jobs have nearly all of the notice": [{ stopTimeoutSeconds: 110 }, { stopTimeoutSeconds: 110 }],
    "whose consumer has no heartbeat": [{ heartbeat: false, longestJobSeconds: 20 }],
    "on queues that exist": [{ queues: [{ name: "high", arn: "arn:aws:sqs:eu-west-1:123456789012:high" }] }],
    "that is scaled by steps": [
      { scaling: { scaleOut: [{ atLeast: 1, add: 1 }], scaleIn: [{ below: 1, remove: 1 }] } },
    ],
  };
  for (const [title, shape] of Object.entries(SHAPES)) {
    it(`find nothing in one ${title}`, async () => expect(await judged(...shape)).to.deep.equal(SOUND));
  }

  it("find nothing in the example of a web tier with workers", async () => {
    const stack = { ...readStackConfig(EXAMPLE, "prod"), stack: "prod", ...PLACE };
    expect(judge(await declareProgram(path.join(EXAMPLE, "index.ts"), stack))).to.deep.equal(SOUND);
  });

  const MUTATIONS: Readonly<Record<string, { readonly transform: SqsWorkerTierTransforms; readonly found: string[] }>> =
    {
      "queues without dead letters": {
        transform: { queue: (args) => ({ ...args, redrivePolicy: undefined }) },
        found: ['dead-letters: "mail-high"', 'dead-letters: "mail-low"'],
      },
      "jobs that are dead letters once they were interrupted": {
        transform: redriven(1),
        found: ['receive-count: "mail-high"', 'receive-count: "mail-low"'],
      },
      "jobs that come back while a worker still stops that isn't told to keep them hidden": {
        transform: {
          ...inContainer((container) => ({ ...container, environment: [] })),
          queue: (args) => ({ ...args, visibilityTimeoutSeconds: 30 }),
        },
        found: ['visibility-timeout: "mail-high"', 'visibility-timeout: "mail-low"'],
      },
      "a stop timeout that leaves nothing of the notice": {
        transform: inContainer((container) => ({ ...container, stopTimeout: 115 })),
        found: ['time-budget: "mail"'],
      },
      "a stop timeout as long as the notice": {
        transform: inContainer((container) => ({ ...container, stopTimeout: 120 })),
        found: ['stop-timeout: "mail-task"', 'time-budget: "mail"'],
      },
      "percents between which no task can move": {
        transform: {
          service: (args) => ({ ...args, deploymentMinimumHealthyPercent: 100, deploymentMaximumPercent: 100 }),
        },
        found: ['drain-deadlock: "mail"'],
      },
      "a fixed host port": {
        transform: inContainer((container) => ({
          ...container,
          portMappings: [{ containerPort: 9090, hostPort: 9090 }],
        })),
        found: ['dynamic-host-port: "mail"'],
      },
    };
  for (const [title, { transform, found: expected }] of Object.entries(MUTATIONS)) {
    it(`find ${title}`, async () => expect(await found(transform)).to.deep.equal(expected));
  }
});
