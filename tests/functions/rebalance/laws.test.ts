import { expect } from "chai";
import fc from "fast-check";
import { RAISED } from "./fakeAws";
import { happening, LivingCluster, nature, type Happening, type Nature } from "./livingCluster";

interface Event {
  readonly what: Happening;
  /** Whether it happens while the function looks. */
  readonly isMeanwhile: boolean;
  /** Until the next one. */
  readonly seconds: number;
}

const event = fc.record({ what: happening, isMeanwhile: fc.boolean(), seconds: fc.integer({ min: 1, max: 400 }) });
const story = fc.array(event, { minLength: 1, maxLength: 8 });

type Story = readonly Event[];

/** Lives through the story. */
async function live(given: Nature, events: Story): Promise<LivingCluster> {
  const aws = new LivingCluster(given);
  await aws.pass(10);
  for (const { what, isMeanwhile, seconds } of events) {
    // Of two looks at once, one may write while the other has yet to read.
    if (isMeanwhile && !given.atOnce) aws.happenSoon(what);
    else aws.happen(what);
    await aws.pass(seconds);
  }
  return aws;
}

/** Lives through the story, calms down, and gives the schedule time to even out and to clean up. */
async function liveAndCalmDown(given: Nature, events: Story): Promise<LivingCluster> {
  const aws = await live(given, events);
  aws.calmDown();
  await aws.pass(60 * 60);
  return aws;
}

const RUNS = { numRuns: 100 };
/** The calls that change something; the group's tags aside, of which a service that has rested loses its own. */
const CHANGES = /^(update|register|deregister|stop|tag|untag)/;

describe("every rebalance, whatever happens", () => {
  it("stops no task that works, is protected or may get a request, and keeps the count within its bounds", async () => {
    await fc.assert(
      fc.asyncProperty(nature, story, async (given, events) => {
        const aws = await live(given, events);
        expect(aws.brokenOff).to.be.empty;
        expect(aws.outOfBounds).to.be.empty;
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

  const JOINS: Event = { what: "joins", isMeanwhile: false, seconds: 30 * 60 };
  it("has as many tasks run as the service wants, where none is lost from outside, and serve, where looks come one at a time", async () => {
    await fc.assert(
      fc.asyncProperty(nature, async (given) => {
        const aws = await live(given, [JOINS]);
        const [wanted] = aws.wanted;
        expect(aws.fewest.running).to.be.at.least(wanted!);
        // Two looks at once may choose other tasks: the one too many serves again before any is stopped.
        if (!given.atOnce) expect(aws.fewest.serving).to.be.at.least(wanted!);
      }),
      RUNS,
    );
  });

  it("gives back what it has raised, and leaves no mark, no tag and no task without its target behind", async () => {
    await fc.assert(
      fc.asyncProperty(nature, story, async (given, events) => {
        const aws = await liveAndCalmDown(given, events);
        expect(aws.groupTags.get(RAISED) ?? "0 0 ").to.match(/^0 0 /);
        expect(aws.marked).to.be.empty;
        expect(aws.wanted).to.include(aws.service.desiredCount);
        const running = aws.alive.filter((task) => task.lastStatus === "RUNNING");
        const out = running.filter((task) => aws.hasBalancer && aws.healthOf(task) !== "healthy");
        expect(out.map((task) => task.arn)).to.be.empty;
      }),
      RUNS,
    );
  });

  it("comes to rest where nothing happens any more, and never begins twice from where tasks stood before", async () => {
    await fc.assert(
      fc.asyncProperty(nature, story, async (given, events) => {
        const aws = await live(given, events);
        aws.calmDown();
        await aws.pass(10 * 60);
        const { length: before } = aws.begunAt;
        await aws.pass(120 * 60);
        const begun = aws.begunAt.slice(before);
        expect(new Set(begun).size).to.equal(begun.length);
        const { length } = aws.calls.filter(({ command }) => CHANGES.test(command));
        await aws.pass(60 * 60);
        expect(aws.calls.filter(({ command }) => CHANGES.test(command)).slice(length)).to.be.empty;
      }),
      RUNS,
    );
  });
});
