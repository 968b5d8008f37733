import { expect } from "chai";
import fc from "fast-check";
import { onDemandShare, raisedBase } from "../../../functions/fallback/distribution";
import { formatMark, parseMark, type Mark } from "../../../functions/fallback/mark";
import { LivingGroup, NOW, SETTINGS } from "./livingGroup";

type Step = (group: LivingGroup) => void | Promise<void>;

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ eventLost: fc.boolean(), sweepLost: fc.boolean() }).map(
      (lost): Step =>
        (group) =>
          group.minute(lost),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 60 }).map(
      (count): Step =>
        (group) =>
          group.minutes(count),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 6 }).map(
      (count): Step =>
        (group) =>
          group.shut(count),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 0, max: 4 }).map(
      (room): Step =>
        (group) =>
          void (group.spotRoom = room),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 5 }).map(
      (room): Step =>
        (group) =>
          void (group.onDemandRoom = room),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 4 }).map(
      (more): Step =>
        (group) =>
          void (group.desired = Math.min(12, group.desired + more)),
    ),
  },
  // What an update of the stack sends with the rest of the policy.
  { weight: 1, arbitrary: fc.constant<Step>((group) => void (group.base = group.settings.declaredBase)) },
);

const standInsOf = (group: LivingGroup): number =>
  group.of("on-demand").length -
  onDemandShare({ base: group.settings.declaredBase, percentageAboveBase: group.percentage }, group.desired);

describe("the fallback function's laws", () => {
  it("lets never more stand in than it may, never takes a serving instance without another in its place, and ends with Spot alone", async () => {
    const groups = fc.record({
      desired: fc.integer({ min: 1, max: 6 }),
      declaredBase: fc.integer({ min: 0, max: 2 }),
      percentage: fc.constantFrom(0, 0, 25),
      maxInstances: fc.integer({ min: 0, max: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(groups, fc.array(stepArbitrary, { maxLength: 25 }), async (shape, steps) => {
        const { desired, declaredBase, percentage, maxInstances } = shape;
        const group = new LivingGroup({ ...SETTINGS, declaredBase, maxInstances }, desired);
        group.percentage = percentage;
        await group.minutes(1);
        for (const step of steps) {
          const before = group.serving.length;
          const isShut = group.instances.size;
          await step(group);
          expect(standInsOf(group)).to.be.at.most(maxInstances);
          const taken = isShut - group.instances.size;
          expect(group.serving.length).to.be.at.least(Math.min(before - Math.max(0, taken), group.desired));
        }
        group.spotRoom = Number.POSITIVE_INFINITY;
        group.onDemandRoom = Number.POSITIVE_INFINITY;
        await group.minutes(70 + 5 * 12);
        expect(standInsOf(group)).to.be.at.most(0);
        expect(group).to.include({ base: declaredBase, tag: undefined });
        expect(group.members).to.have.lengthOf(group.desired);
        expect(group.instances.size).to.equal(group.desired);
      }),
      { numRuns: 150 },
    );
  });
});

describe("the base that is raised", () => {
  it("gives exactly so many more on demand, or all there are, and no smaller one does", () => {
    const shapes = [fc.nat(5), fc.nat(100), fc.nat(30), fc.nat(40)] as const;
    fc.assert(
      fc.property(...shapes, (base, percentageAboveBase, more, total) => {
        const declared = { base, percentageAboveBase };
        const wanted = Math.min(total, onDemandShare(declared, total) + more);
        const raised = raisedBase(declared, more, total);
        expect(onDemandShare({ ...declared, base: raised }, total)).to.be.at.least(wanted);
        if (raised > base) expect(onDemandShare({ ...declared, base: raised - 1 }, total)).to.be.below(wanted);
      }),
    );
  });
});

describe("the mark", () => {
  const times = fc.integer({ min: NOW - 3_600_000, max: NOW });
  const marks: fc.Arbitrary<Mark> = fc.record({
    instances: fc.nat(5000),
    since: times,
    waitMinutes: fc.constantFrom(10, 20, 40, 60),
    until: times,
    heldUntil: fc.option(times, { nil: undefined }),
    detached: fc.constantFrom(undefined, "i-0123456789abcdef0"),
    failed: fc.boolean(),
  });

  it("is read as it was written, and fits into a tag of AWS's characters", () => {
    fc.assert(
      fc.property(marks, (mark) => {
        const value = formatMark(mark);
        expect(parseMark(value, NOW)).to.deep.equal(mark);
        expect(value).to.match(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u);
      }),
    );
  });

  it("stands for no more than it says, whatever somebody wrote", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { instances, until, since, waitMinutes } = parseMark(text, NOW);
        expect(instances).to.be.at.least(0);
        expect(until).to.be.at.most(NOW + 3_600_000);
        expect(since).to.be.at.most(NOW);
        expect(waitMinutes).to.be.within(10, 60);
      }),
    );
  });
});
