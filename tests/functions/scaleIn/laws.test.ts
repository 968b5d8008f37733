import { expect } from "chai";
import fc from "fast-check";
import { S, SETTINGS, WORKERS } from "./fakeAws";
import { DEREGISTRATION_DELAY } from "../retire/taskLives";
import { happening, jobNature, LivingAws, nature, type Happening, type Nature } from "./livingAws";

const story = fc.array(fc.tuple(happening, fc.integer({ min: 1, max: 240 })), { minLength: 1, maxLength: 12 });

type Story = readonly (readonly [Happening, number])[];

/** Lives through the story. */
async function live(given: Nature, events: Story): Promise<LivingAws> {
  const { workPatienceSeconds, protects, takesJobs } = given;
  const settleSeconds = protects ? SETTINGS.settleSeconds : DEREGISTRATION_DELAY / S;
  const settings = takesJobs ? { ...SETTINGS, ...WORKERS } : { ...SETTINGS, workPatienceSeconds, settleSeconds };
  const aws = new LivingAws(given, settings);
  await aws.pass(10);
  for (const [what, seconds] of events) {
    aws.happen(what);
    await aws.pass(seconds);
  }
  return aws;
}

/** Lives through the story, calms down, and gives the schedule time to clean up. */
async function liveAndCalmDown(given: Nature, events: Story): Promise<LivingAws> {
  const aws = await live(given, events);
  aws.calmDown();
  await aws.pass(11 * 60);
  return aws;
}

const RUNS = { numRuns: 100 };

describe("every scale-in, whatever happens", () => {
  it("stops no task that works, is protected or may get a request, and never wants fewer tasks than the minimum", async () => {
    await fc.assert(
      fc.asyncProperty(nature, story, async (given, events) => {
        const aws = await live(given, events);
        expect(aws.brokenOff).to.be.empty;
        expect(aws.tooLow).to.be.empty;
      }),
      RUNS,
    );
  });

  it("leaves nothing for ECS to choose, but what it started to replace", async () => {
    await fc.assert(
      fc.asyncProperty(nature, story, async (given, events) => {
        const aws = await live(given, events);
        expect(aws.overdrawn).to.be.empty;
        expect(aws.chosenByEcs).to.be.at.most(aws.started);
      }),
      RUNS,
    );
  });

  it("leaves no mark and no running task without its target, once all is well and the schedule has come a few times", async () => {
    await fc.assert(
      fc.asyncProperty(nature, story, async (given, events) => {
        const aws = await liveAndCalmDown(given, events);
        expect(aws.marked.map((task) => task.arn)).to.be.empty;
        const running = aws.alive.filter((task) => task.lastStatus === "RUNNING" && task.instance.status === "ACTIVE");
        const out = running.filter((task) => !["healthy", "initial"].includes(aws.healthOf(task) ?? ""));
        expect(out.map((task) => task.arn)).to.be.empty;
        expect(aws.queue.messages.filter((message) => message.body.includes("check"))).to.be.empty;
        expect(aws.brokenOff).to.be.empty;
      }),
      RUNS,
    );
  });

  it("scales in to the minimum where nothing hinders it", async () => {
    await fc.assert(
      fc.asyncProperty(nature, async (given) => {
        const well: Nature = { ...given, busy: 0, faulty: 0, crashing: 0 };
        const aws = await live(well, [["low", 1]]);
        await aws.pass(75 * 60);
        const least = Math.min(Math.max(well.minCapacity, 1), well.instances * well.tasksEach);
        expect(aws.service.desiredCount).to.equal(well.minCapacity === 0 ? aws.service.desiredCount : least);
        expect(aws.alive.length).to.equal(aws.service.desiredCount);
      }),
      { numRuns: 20 },
    );
  });
});

describe("every scale-in of workers, whatever happens", () => {
  it("stops none that was seen at a job, asks nothing of a balancer, and never wants fewer than the minimum", async () => {
    await fc.assert(
      fc.asyncProperty(jobNature, story, async (given, events) => {
        const aws = await live(given, events);
        expect(aws.brokenOff).to.be.empty;
        expect(aws.tooLow).to.be.empty;
        expect(aws.overdrawn).to.be.empty;
        expect(aws.chosenByEcs).to.be.at.most(aws.started);
        expect(aws.calls.filter(({ command }) => /target/i.test(command) && !/scalable/i.test(command))).to.be.empty;
      }),
      RUNS,
    );
  });

  it("leaves no mark and no look on its way, once all is well", async () => {
    await fc.assert(
      fc.asyncProperty(jobNature, story, async (given, events) => {
        const aws = await liveAndCalmDown(given, events);
        expect(aws.marked.map((task) => task.arn)).to.be.empty;
        expect(aws.queue.messages.filter((message) => message.body.includes("check"))).to.be.empty;
      }),
      RUNS,
    );
  });

  it("ends with the minimum, be it none, where there is no job", async () => {
    await fc.assert(
      fc.asyncProperty(jobNature, async (given) => {
        const aws = await live({ ...given, busy: 0, faulty: 0, crashing: 0 }, [["low", 1]]);
        await aws.pass(15 * 60);
        const least = Math.min(given.minCapacity, given.instances * given.tasksEach);
        expect([aws.service.desiredCount, aws.alive.length]).to.deep.equal([least, least]);
      }),
      { numRuns: 50 },
    );
  });
});
