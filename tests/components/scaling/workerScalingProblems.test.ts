import { expect } from "chai";
import type { WorkerScaling } from "../../../components/scaling/workerScaling";
import { workerScalingNotes, type WorkerScalingFacts } from "../../../components/scaling/workerScalingProblems";
import { workerProblemsOf } from "./workerScalingFixture";

const UP = [
  { atLeast: 1, add: 1 },
  { atLeast: 100, add: 5 },
];

describe("the scaling of workers", () => {
  const right: Readonly<Record<string, readonly [WorkerScaling | undefined, Partial<WorkerScalingFacts>?]>> = {
    "nothing said": [undefined],
    "always as many": [{ minCount: 3, maxCount: 3 }],
    "steps both ways, down to nothing": [{ scaleOut: UP, scaleIn: [{ below: 1, remove: 1 }] }],
    "steps of jobs of which nobody knows how long they take": [{ scaleOut: UP }, { msgProcessingSeconds: undefined }],
    "AWS's target tracking both ways": [{ scaleIn: "targetTracking" }],
    "tiers of all messages": [{ scaleIn: { tiers: [{ below: 500, remove: 1 }], tiersPer: "service" } }],
    "jobs of hours": [{}, { msgProcessingSeconds: 7200 }],
    "four queues by the backlog": [{}, { queueCount: 4 }],
    "five queues by steps": [{ scaleOut: UP, scaleIn: [{ below: 1, remove: 1 }] }, { queueCount: 5 }],
    "ten queues by steps outwards": [{ scaleOut: UP, scaleIn: "none" }, { queueCount: 10 }],
    "a step for many where there is always a task": [{ minCount: 1, scaleOut: [{ atLeast: 50, add: 1 }] }],
    "schedules to nothing": [{ minCount: 1, schedules: [{ cron: "0 20 * * ? *", minCount: 0 }] }],
  };
  for (const [what, [scaling, facts]] of Object.entries(right)) {
    it(`is right with ${what}`, () => expect(workerProblemsOf(scaling, facts)).to.be.empty);
  }

  const wrong: Readonly<Record<string, readonly [WorkerScaling, Partial<WorkerScalingFacts>, string]>> = {
    "fewer than no tasks": [
      { minCount: -1 },
      {},
      "scaling.minCount: a whole number from 0 to 5000; raise it to 0 or more",
    ],
    "a maximum below the minimum": [
      { minCount: 4, maxCount: 3 },
      {},
      "scaling.maxCount: at least minCount, which is 4; raise it to 4 or more, or lower minCount",
    ],
    "a minimum above the usual maximum": [
      { minCount: 11 },
      {},
      "scaling.maxCount: at least minCount, which is 11; raise it to 11 or more, or lower minCount",
    ],
    "a backlog of jobs of which nobody knows how long they take": [
      {},
      { msgProcessingSeconds: undefined },
      "msgProcessingSeconds: more than 0: how many messages a task may have follows from it; say how many seconds a job takes on average, or give scaling.scaleOut steps",
    ],
    "a backlog of jobs that take no time": [
      { scaleOut: "backlog" },
      { msgProcessingSeconds: 0 },
      "msgProcessingSeconds: more than 0: how many messages a task may have follows from it; say how many seconds a job takes on average, or give scaling.scaleOut steps",
    ],
    "a word that isn't one": [
      { scaleOut: "backlogs" as "backlog" },
      {},
      'scaling.scaleOut: steps, or "backlog"; did you mean backlog?',
    ],
    "another word that isn't one": [
      { scaleIn: "never" as "none" },
      {},
      'scaling.scaleIn: steps, or "targetTracking" or "none"; give one of these',
    ],
    "no steps outwards": [{ scaleOut: [] }, {}, 'scaling.scaleOut: at least one step; add one, or give "backlog"'],
    "no steps inwards": [{ scaleIn: [] }, {}, 'scaling.scaleIn: at least one step; add one, or give "none"'],
    "target tracking inwards where nothing is tracked": [
      { scaleOut: UP, scaleIn: "targetTracking" },
      {},
      'scaling.scaleIn: "targetTracking" only with scaleOut: "backlog"; give another scaleIn',
    ],
    "a step at nothing": [
      { scaleOut: [{ atLeast: 0, add: 1 }] },
      {},
      "scaling.scaleOut[0].atLeast: more than 0; raise it",
    ],
    "a larger step that adds fewer": [
      {
        scaleOut: [
          { atLeast: 1, add: 3 },
          { atLeast: 10, add: 2 },
        ],
      },
      {},
      "scaling.scaleOut[1].add: at least the 3 of scaling.scaleOut[0], because its bound is higher; raise it to 3 or more, or lower that one",
    ],
    "steps that fight": [
      { scaleOut: UP, scaleIn: [{ below: 2, remove: 1 }] },
      {},
      "scaling.scaleIn[0].below: less than the 1 of scaling.scaleOut[0], or they would fight: one removes what the other adds; lower it well below 1, or raise that one",
    ],
    "messages that would wait for ever": [
      { scaleOut: [{ atLeast: 10, add: 1 }] },
      {},
      "scaling.scaleOut[0].atLeast: 1 for one of the steps where there may be no task: fewer messages would wait for ever; lower it to 1, add such a step, or raise minCount to 1",
    ],
    "a tier of nothing": [
      { scaleIn: { tiers: [{ below: 0, remove: 1 }] } },
      {},
      "scaling.scaleIn.tiers[0].below: messages, more than 0; raise it",
    ],
    "no tiers": [{ scaleIn: { tiers: [] } }, {}, 'scaling.scaleIn.tiers: 1 to 20; add one, or give scaleIn: "none"'],
    "a tier that no idle task has": [
      { scaleIn: { tiers: [{ below: 5, remove: 1 }] } },
      { concurrency: 4 },
      "scaling.scaleIn.tiers[0].below: at most 4, the jobs that a task works on at once: with as many messages each, none is idle; lower it to 4 or less",
    ],
    "tiers by what workers don't have": [
      { scaleIn: { tiersPer: "target" as "task" } },
      {},
      "scaling.scaleIn.tiersPer: service, task; give one of these",
    ],
    "a share of nothing": [
      { scaleIn: { mostSharePercent: 0 } },
      {},
      "scaling.scaleIn.mostSharePercent: a whole number from 1 to 100; raise it to 1 or more",
    ],
    "no time": [
      { scaleIn: { forMinutes: 0 } },
      {},
      "scaling.scaleIn.forMinutes: a whole number from 1 to 1440; raise it to 1 or more",
    ],
    "five queues by the backlog": [
      {},
      { queueCount: 5 },
      'queues: at most 4 for one service, since an alarm looks at 10 metrics; give services: "perQueue", or make two tiers',
    ],
    "six queues by steps inwards": [
      { scaleOut: UP, scaleIn: [{ below: 1, remove: 1 }] },
      { queueCount: 6 },
      'queues: at most 5 for one service, since an alarm looks at 10 metrics; give services: "perQueue", or make two tiers',
    ],
    "eleven queues": [
      { scaleOut: UP, scaleIn: "none" },
      { queueCount: 11 },
      'queues: at most 10 for one service, since an alarm looks at 10 metrics; give services: "perQueue", or make two tiers',
    ],
    "a schedule above the maximum": [
      { schedules: [{ cron: "0 8 * * ? *", minCount: 11 }] },
      {},
      "scaling.schedules[0].minCount: at most 10, the lowest maxCount that may hold then; lower it, or give maxCount too",
    ],
    "a cooldown of a day": [
      { scaleOutCooldownSeconds: 86_400 },
      {},
      "scaling.scaleOutCooldownSeconds: a whole number from 0 to 3600; lower it to 3600 or less",
    ],
  };
  for (const [what, [scaling, facts, problem]] of Object.entries(wrong)) {
    it(`is wrong with ${what}`, () => expect(workerProblemsOf(scaling, facts)).to.deep.equal([problem]));
  }

  it("has all its problems told at once", () => {
    const scaling: WorkerScaling = {
      minCount: 1.5,
      scaleIn: { mostSharePercent: 101, tiersPer: "target" as "task" },
      scaleInCooldownSeconds: -1,
    };
    expect(workerProblemsOf(scaling, { msgProcessingSeconds: undefined, queueCount: 9 })).to.have.lengthOf(6);
  });
});

describe("notes on the scaling of workers", () => {
  it("are none usually", () => expect(workerScalingNotes({})).to.be.empty);

  it("say where nothing scales", () => {
    expect(workerScalingNotes({ minCount: 2, maxCount: 2 })).to.deep.equal([
      "minCount and maxCount are both 2: nothing scales until a schedule changes one",
    ]);
  });
});
