import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import fc from "fast-check";
import type {
  ScaleOutStep,
  ScalingMetric,
  ScalingSchedule,
  ServiceScaling,
} from "../../../components/scaling/scalingArgs";
import { scalingNotes, scalingProblems } from "../../../components/scaling/scalingProblems";
import { BOUNDS, FACTS, problemsOf, WITHOUT_BALANCER } from "./scalingFixture";

const CPU_OUT: ScaleOutStep = { metric: "cpu", atLeast: 60, add: 1 };

/** The one problem of the args. */
function problemOf(scaling: Partial<ServiceScaling>, facts: Parameters<typeof problemsOf>[1] = {}): string {
  const problems = problemsOf(scaling, facts);
  expect(problems, problems.join("\n")).to.have.lengthOf(1);
  return problems[0]!;
}

describe("the bounds of scaling", () => {
  it("are enough by themselves", () => {
    expect(problemsOf({})).to.deep.equal([]);
  });

  it("are refused where the most is below the fewest", () => {
    expect(problemOf({ minCount: 4, maxCount: 3 })).to.equal(
      "scaling.maxCount: at least minCount, which is 4; raise it to 4 or more, or lower minCount",
    );
  });

  it("are whole numbers that ECS takes, and at least 1 behind a balancer", () => {
    expect(problemOf({ minCount: 0 })).to.match(/^scaling.minCount: a whole number from 1 to 5000/);
    expect(problemOf({ minCount: 1.5 })).to.match(/^scaling.minCount: .*give a whole number/);
    expect(problemOf({ maxCount: 5001 })).to.match(/^scaling.maxCount: .*lower it to 5000/);
  });

  it("may begin at 0 only where something is measured without tasks", () => {
    const worker: Partial<ServiceScaling> = { minCount: 0, scaleIn: "none", scaleOut: [CPU_OUT] };
    expect(problemOf(worker, WITHOUT_BALANCER)).to.match(/^scaling.minCount: at least 1 where only tasks are measured/);
    const byQueue: ScaleOutStep = { metric: { queueName: "mail" }, atLeast: 1, add: 1 };
    expect(problemsOf({ ...worker, scaleOut: [byQueue] }, WITHOUT_BALANCER)).to.deep.equal([]);
  });

  it("hold the desired count that is given", () => {
    expect(problemOf({}, { desiredCount: 2 })).to.equal(
      "desiredCount: from minCount to maxCount, 4 to 20: outside, it would be changed at once; remove it: the service begins with minCount",
    );
    expect(problemsOf({}, { desiredCount: 20 })).to.deep.equal([]);
  });
});

describe("a step of scaling", () => {
  const out = (changes: Partial<ScaleOutStep>): string => problemOf({ scaleOut: [{ ...CPU_OUT, ...changes }] });

  it("has a metric that is known", () => {
    expect(out({ metric: "cpus" as ScalingMetric })).to.equal(
      "scaling.scaleOut[0].metric: cpu, memory, requestsPerTarget; did you mean cpu?",
    );
    const metric = { namespace: "Shop", metricName: "Baskets", statistic: "p99" } as unknown as ScalingMetric;
    expect(out({ metric })).to.match(/^scaling.scaleOut\[0\].metric.statistic: Average, Sum, Minimum, Maximum/);
  });

  it("counts no requests without a load balancer", () => {
    const scaling: Partial<ServiceScaling> = {
      scaleOut: [{ metric: "requestsPerTarget", atLeast: 600, add: 1 }],
      scaleIn: "none",
    };
    expect(problemOf(scaling, WITHOUT_BALANCER)).to.match(/without a load balancer there are no requests to count/);
  });

  it("has percents above 0 and at most 100", () => {
    expect(out({ atLeast: 101 })).to.equal(
      "scaling.scaleOut[0].atLeast: more than 0 and at most 100: cpu is in percent of what the tasks reserve; lower it to 100 or less",
    );
    expect(out({ metric: "memory", atLeast: 0 })).to.match(/memory is in percent of what the tasks reserve; raise it$/);
    expect(problemsOf({ scaleOut: [{ ...CPU_OUT, atLeast: 100 }] })).to.deep.equal([]);
  });

  it("has counts above 0, and numbers that are numbers", () => {
    expect(out({ metric: { queueName: "mail" }, atLeast: 0 })).to.match(/atLeast: more than 0/);
    expect(out({ atLeast: Number.NaN })).to.match(/atLeast: a number; give a number/);
    expect(out({ add: 0 })).to.match(/add: a whole number from 1 to 5000/);
    expect(problemOf({ scaleIn: [{ metric: "cpu", below: 20, remove: 1.5 }] })).to.match(
      /^scaling.scaleIn\[0\].remove/,
    );
  });

  it("looks back a day at most", () => {
    expect(out({ forMinutes: 1441 })).to.match(/forMinutes: a whole number from 1 to 1440; lower it/);
    expect(problemsOf({ scaleOut: [{ ...CPU_OUT, forMinutes: 1440 }] })).to.deep.equal([]);
  });

  it("is told from another metric of the same name by an id", () => {
    const baskets = (Shop: string, id?: string): ScaleOutStep => {
      const metric = { namespace: "Shop", metricName: "Baskets", dimensions: { Shop }, id };
      return { metric, atLeast: Shop.length, add: 1 };
    };
    expect(problemOf({ scaleOut: [baskets("a"), baskets("bc")] })).to.equal(
      "scaling.scaleOut[1].id: an id of its own: scaling.scaleOut[0] is another metric with this one; give one of the two metrics an id",
    );
    expect(problemsOf({ scaleOut: [baskets("a"), baskets("bc", "bc")] })).to.deep.equal([]);
  });

  it("shares its metric with another one of the same queue, even where its name is an output", () => {
    const queueName = pulumi.output("mail");
    const steps = (other: pulumi.Input<string>): ScaleOutStep[] => [
      { metric: { queueName }, atLeast: 100, add: 1 },
      { metric: { queueName: other }, atLeast: 500, add: 4 },
    ];
    expect(problemsOf({ scaleOut: steps(queueName) })).to.deep.equal([]);
    expect(problemOf({ scaleOut: steps(pulumi.output("news")) })).to.match(/^scaling.scaleOut\[1\].id/);
  });
});

describe("a table of steps", () => {
  it("has each bound once", () => {
    expect(problemOf({ scaleOut: [CPU_OUT, { ...CPU_OUT, add: 3 }] })).to.equal(
      "scaling.scaleOut[1].atLeast: another bound than scaling.scaleOut[0]'s, of the same metric and time; remove one of the two, or change its bound",
    );
  });

  it("does at least as much further out", () => {
    const scaleOut = [
      { ...CPU_OUT, add: 3 },
      { ...CPU_OUT, atLeast: 70, add: 2 },
    ];
    expect(problemOf({ scaleOut })).to.equal(
      "scaling.scaleOut[1].add: at least the 3 of scaling.scaleOut[0], because its bound is higher; raise it to 3 or more, or lower that one",
    );
    const scaleIn = [
      { metric: "cpu", below: 20, remove: 1 },
      { metric: "cpu", below: 30, remove: 2 },
    ] as const;
    expect(problemOf({ scaleIn })).to.match(/^scaling.scaleIn\[0\].remove: at least the 2 of .*its bound is lower/);
  });

  it("has no more steps than a policy takes", () => {
    const steps = (count: number): ScaleOutStep[] =>
      Array.from({ length: count }, (_, index) => ({ metric: "cpu", atLeast: 50 + index, add: 1 + index }));
    expect(problemsOf({ scaleOut: steps(20) })).to.deep.equal([]);
    expect(problemOf({ scaleOut: steps(22) })).to.match(/^scaling.scaleOut: at most 20, .*remove 2$/);
  });

  it("that is slower adds more than a faster one does by then", () => {
    const slower = (add: number): ScaleOutStep[] => [
      { ...CPU_OUT, add: 2 },
      { ...CPU_OUT, atLeast: 70, forMinutes: 10, add },
    ];
    expect(problemOf({ scaleOut: slower(2) })).to.match(
      /^scaling.scaleOut\[1\]: a step that adds more than 2: scaling.scaleOut\[0\] is reached after 1 minute already/,
    );
    expect(problemsOf({ scaleOut: slower(3) })).to.deep.equal([]);
    const belowTheFaster = [
      { ...CPU_OUT, atLeast: 80, add: 2 },
      { ...CPU_OUT, forMinutes: 10 },
    ];
    expect(problemsOf({ scaleOut: belowTheFaster })).to.deep.equal([]);
  });

  it("that is slower never gets to scale in behind a faster one", () => {
    const scaleIn = [
      { metric: "cpu", below: 30, forMinutes: 10, remove: 1 },
      { metric: "cpu", below: 20, forMinutes: 15, remove: 4 },
    ] as const;
    expect(problemOf({ scaleIn })).to.match(
      /^scaling.scaleIn\[1\]: steps of one metric with one forMinutes: .*blocking this one, by its cooldown/,
    );
    const above = [
      { ...scaleIn[0], below: 20 },
      { ...scaleIn[1], below: 30, remove: 1 },
    ];
    expect(problemsOf({ scaleIn: above })).to.deep.equal([]);
  });

  it("that scales in keeps clear of one that scales out", () => {
    const scaling = (below: number): Partial<ServiceScaling> => ({
      scaleOut: [{ ...CPU_OUT, atLeast: 80, add: 3 }, CPU_OUT],
      scaleIn: [{ metric: "cpu", below, remove: 1 }],
    });
    expect(problemOf(scaling(60))).to.equal(
      "scaling.scaleIn[0].below: less than the 60 of scaling.scaleOut[1], or they would fight: one removes what the other adds; lower it well below 60, or raise that one",
    );
    expect(problemsOf(scaling(59))).to.deep.equal([]);
    expect(problemsOf({ scaleOut: [CPU_OUT], scaleIn: [{ metric: "memory", below: 90, remove: 1 }] })).to.deep.equal(
      [],
    );
  });
});

describe("target tracking", () => {
  const tracking = (...targetTracking: NonNullable<ServiceScaling["targetTracking"]>): Partial<ServiceScaling> => ({
    targetTracking,
  });

  it("has one target per metric, within the metric's range", () => {
    expect(problemOf(tracking({ metric: "cpu", target: 60 }, { metric: "cpu", target: 70 }))).to.match(
      /^scaling.targetTracking\[1\].metric: one target per metric: scaling.targetTracking\[0\] has one already/,
    );
    expect(problemOf(tracking({ metric: "cpu", target: 120 }))).to.match(/target: .*at most 100/);
    expect(problemOf(tracking({ metric: { namespace: "Shop", metricName: "Baskets" }, target: -1 }))).to.match(
      /target: more than 0/,
    );
  });

  it("doesn't keep a metric that steps keep too", () => {
    const scaling = { ...tracking({ metric: "cpu", target: 60 }), scaleOut: [CPU_OUT] };
    expect(problemOf(scaling)).to.match(
      /^scaling.targetTracking\[0\].metric: another metric than scaling.scaleOut\[0\]'s, or they would fight/,
    );
    const scaleIn = [{ metric: "cpu", below: 20, remove: 1 }] as const;
    expect(problemOf({ ...tracking({ metric: "cpu", target: 60 }), scaleIn })).to.match(
      /another metric than scaling.scaleIn\[0\]'s/,
    );
    expect(problemsOf({ ...tracking({ metric: "memory", target: 60 }), scaleOut: [CPU_OUT] })).to.deep.equal([]);
  });

  it("doesn't keep a queue's length, nor requests without a balancer", () => {
    const queue = { queueName: "mail" } as unknown as "cpu";
    expect(problemOf(tracking({ metric: queue, target: 10 }))).to.match(/a queue's length doesn't/);
    expect(problemOf(tracking({ metric: "requestsPerTarget", target: 10 }), WITHOUT_BALANCER)).to.match(
      /without a load balancer/,
    );
  });

  it("has cooldowns of an hour at most, as steps have", () => {
    expect(problemOf(tracking({ metric: "cpu", target: 60, scaleOutCooldownSeconds: 3601 }))).to.match(
      /scaleOutCooldownSeconds: .*3600/,
    );
    expect(problemOf(tracking({ metric: "cpu", target: 60, scaleInCooldownSeconds: -1 }))).to.match(
      /scaleInCooldownSeconds: .*raise it to 0/,
    );
    expect(problemOf({ scaleOutCooldownSeconds: 3601 })).to.match(
      /^scaling.scaleOutCooldownSeconds: a whole number from 0 to 3600/,
    );
    expect(problemOf({ scaleInCooldownSeconds: 0.5 })).to.match(/^scaling.scaleInCooldownSeconds/);
  });
});

describe("who scales in", () => {
  it("must be said without a load balancer, unless target tracking does", () => {
    expect(problemOf({}, WITHOUT_BALANCER)).to.match(/^scaling.scaleIn: steps, or "none": .*say who scales in$/);
    expect(problemsOf({ targetTracking: [{ metric: "cpu", target: 60 }] }, WITHOUT_BALANCER)).to.deep.equal([]);
  });

  it("isn't the function without a load balancer, nor target tracking without targets, nor an empty list", () => {
    expect(problemOf({ scaleIn: {} }, WITHOUT_BALANCER)).to.match(/the function's tiers are of requests/);
    expect(problemOf({ scaleIn: "targetTracking" })).to.match(/"targetTracking" only with targetTracking/);
    expect(problemOf({ scaleIn: [] })).to.match(/at least one step; add one, or give "none"/);
  });

  it("isn't all there is: something must scale out", () => {
    expect(problemOf({ scaleOut: [] })).to.match(/^scaling.scaleOut: .*nothing would scale out/);
    expect(problemsOf({ scaleOut: [], schedules: [{ at: "2027-11-26T06:00:00", minCount: 8 }] })).to.deep.equal([]);
  });
});

describe("the function's tiers", () => {
  it("are at least one, of requests above 0", () => {
    expect(problemOf({ scaleIn: { tiers: [] } })).to.match(/^scaling.scaleIn.tiers: 1 to 20; add one/);
    expect(problemOf({ scaleIn: { tiers: [{ below: 0, remove: 1 }] } })).to.match(
      /^scaling.scaleIn.tiers\[0\].below: .*more than 0/,
    );
    expect(problemOf({ scaleIn: { tiers: [{ below: 10, remove: 0 }] } })).to.match(
      /^scaling.scaleIn.tiers\[0\].remove/,
    );
    const many = Array.from({ length: 21 }, (_, index) => ({ below: 21 - index, remove: index + 1 }));
    expect(problemOf({ scaleIn: { tiers: many } })).to.match(/remove 1$/);
  });

  it("remove at least as many further down, in whatever order they are given", () => {
    const tiers = [
      { below: 30, remove: 2 },
      { below: 100, remove: 4 },
    ];
    expect(problemOf({ scaleIn: { tiers } })).to.equal(
      "scaling.scaleIn.tiers[0].remove: at least the 4 of scaling.scaleIn.tiers[1], whose bound is higher; raise it to 4 or more, or lower that one",
    );
    expect(
      problemOf({
        scaleIn: {
          tiers: [
            { below: 30, remove: 2 },
            { below: 30, remove: 4 },
          ],
        },
      }),
    ).to.match(/another bound/);
  });

  it("keep clear of scaling out, per target", () => {
    const tiers = (below: number) => ({ scaleIn: { tiersPer: "target", tiers: [{ below, remove: 1 }] } }) as const;
    expect(problemOf(tiers(600))).to.equal(
      "scaling.scaleIn.tiers[0].below: less than 600: scaling out begins at 600 requests per target; lower it well below 600",
    );
    expect(problemsOf(tiers(599))).to.deep.equal([]);
    const targetTracking = [{ metric: "requestsPerTarget", target: 300 }] as const;
    expect(problemOf({ ...tiers(300), targetTracking })).to.match(/scaling out begins at 300/);
  });

  it("keep clear of scaling out, for the whole service with its fewest tasks", () => {
    const tiers = (below: number) => ({ scaleIn: { tiers: [{ below, remove: 1 }] } });
    expect(problemOf(tiers(2400))).to.match(
      /less than 2400: with minCount tasks, scaling out begins at 2400 requests, 600 per target/,
    );
    expect(problemsOf(tiers(2399))).to.deep.equal([]);
    expect(problemsOf({ ...tiers(5000), scaleOut: [CPU_OUT] })).to.deep.equal([]);
  });

  it("are per service or per target, and take a share of the tasks", () => {
    expect(problemOf({ scaleIn: { tiersPer: "task" as "target" } })).to.match(
      /^scaling.scaleIn.tiersPer: service, target/,
    );
    expect(problemOf({ scaleIn: { mostSharePercent: 0 } })).to.match(/^scaling.scaleIn.mostSharePercent: .*1 to 90/);
    expect(problemOf({ scaleIn: { mostSharePercent: 91 } })).to.match(/lower it to 90/);
  });

  it("let work go on for no longer than the balancer does", () => {
    expect(problemOf({ scaleIn: { workPatienceSeconds: 36 } })).to.equal(
      "scaling.scaleIn.workPatienceSeconds: a whole number from 0 to 35: two checks of 5 s before the deregistration delay of 45 s has passed, when the balancer cuts what is still open; lower it to 35 or less",
    );
    expect(problemsOf({ scaleIn: { workPatienceSeconds: 35 } })).to.deep.equal([]);
    expect(problemsOf({}, { deregistrationDelaySeconds: 5 })).to.deep.equal([]);
  });
});

describe("a schedule of scaling", () => {
  const schedule = (changes: Partial<ScalingSchedule>): Partial<ServiceScaling> => ({
    schedules: [{ cron: "0 8 ? * MON-FRI *", minCount: 8, ...changes }],
  });
  const cron = (expression: string): string[] => problemsOf(schedule({ cron: expression }));

  it("comes by cron or once, and changes something", () => {
    expect(problemOf(schedule({ at: "2027-11-26T06:00:00" }))).to.match(
      /^scaling.schedules\[0\]: cron, or at; remove one/,
    );
    expect(problemOf(schedule({ cron: undefined }))).to.match(/^scaling.schedules\[0\]: cron, or at; give one/);
    expect(problemOf(schedule({ minCount: undefined }))).to.match(/minCount, maxCount or both/);
  });

  it("has a cron expression of six fields", () => {
    for (const right of [
      "0 8 ? * MON-FRI *",
      "0/15 8-18,20 1,15 JAN,7-9 ? 2027-2029",
      "*/5 * * * ? *",
      "59 23 L 12 ? 2199",
      "0 0 LW * ? *",
      "0 0 15W * ? *",
      "0 0 ? * FRI#2 *",
      "0 0 ? * FRIL *",
      "10 0 ? feb SUN,WED-SAT *",
    ])
      expect(cron(right), right).to.deep.equal([]);
    expect(problemOf(schedule({ cron: "0 8 * * MON-FRI" }))).to.equal(
      "scaling.schedules[0].cron: six fields: minutes, hours, day of month, month, day of week, year, e.g. 0 8 ? * MON-FRI *; correct the expression",
    );
  });

  it("has values, ranges and steps within each field", () => {
    const wrong: Record<string, string> = {
      "60 8 ? * MON *": "minutes",
      "0 24 ? * MON *": "hours",
      "0 8-6 ? * MON *": "hours",
      "0 8-9-10 ? * MON *": "hours",
      "0/0 8 ? * MON *": "minutes",
      "0/5/5 8 ? * MON *": "minutes",
      "0 8 0 * ? *": "day of month",
      "0 8 32W * ? *": "day of month",
      "0 8 ? 13 MON *": "month",
      "0 8 ? * MON#6 *": "day of week",
      "0 8 ? * 2-6 *": "day of week",
      "0 8 ? * MON 1969": "year",
      ", 8 ? * MON *": "minutes",
    };
    for (const [expression, field] of Object.entries(wrong)) {
      expect(cron(expression), expression).to.have.lengthOf(1);
      expect(cron(expression)[0], expression).to.include(`.cron: a ${field} of `);
    }
  });

  it("leaves out exactly one of day of month and day of week", () => {
    for (const expression of ["0 8 * * MON *", "0 8 ? * ? *", "0 8 * * * *"]) {
      expect(cron(expression)[0], expression).to.match(/\? in one of day of month and day of week, and only in one/);
    }
  });

  it("takes the fields without the cron(…) that AWS puts around them", () => {
    expect(problemOf(schedule({ cron: "cron(0 8 ? * MON-FRI *)" }))).to.match(
      /the fields alone; give "0 8 \? \* MON-FRI \*"/,
    );
  });

  it("has a time without offset that exists", () => {
    const at = (time: string): Partial<ServiceScaling> => schedule({ cron: undefined, at: time });
    expect(problemsOf(at("2028-02-29T06:00:00"))).to.deep.equal([]);
    for (const time of ["2027-11-26T06:00:00Z", "2027-11-26T06:00:00+01:00"]) {
      expect(problemOf(at(time)), time).to.match(/remove the offset, and give the time zone in timeZone/);
    }
    for (const time of ["2027-02-30T06:00:00", "2027-11-26", "2027-11-26T25:00:00", "tomorrow"]) {
      expect(problemOf(at(time)), time).to.match(/give date and time to the second/);
    }
  });

  it("has a time zone by its name", () => {
    for (const timeZone of ["Europe/Berlin", "UTC", "Asia/Kolkata", "America/Argentina/Buenos_Aires"]) {
      expect(problemsOf(schedule({ timeZone })), timeZone).to.deep.equal([]);
    }
    expect(problemOf(schedule({ timeZone: "Europe/Berln" }))).to.match(/did you mean Europe\/Berlin\?/);
    expect(problemOf(schedule({ timeZone: "europe/berlin" }))).to.match(/spell it Europe\/Berlin/);
    expect(problemOf(schedule({ timeZone: "+01:00" }))).to.match(/the name of a time zone/);
  });

  it("keeps the fewest at or below the most", () => {
    expect(problemOf(schedule({ minCount: 9, maxCount: 8 }))).to.match(
      /minCount: at most 8, its maxCount; lower it, or raise maxCount/,
    );
    expect(problemOf(schedule({ minCount: 21 }))).to.match(
      /minCount: at most 20, the lowest maxCount that may hold then; lower it, or give maxCount too/,
    );
    expect(problemOf(schedule({ minCount: undefined, maxCount: 3 }))).to.match(
      /maxCount: at least 4, the highest minCount that may hold then/,
    );
    const evening: ScalingSchedule = { cron: "0 20 ? * * *", maxCount: 7 };
    const [morning] = schedule({}).schedules!;
    const problems = problemsOf({ schedules: [morning!, evening] });
    expect(problems).to.have.lengthOf(2);
    expect(problems[0]).to.match(/^scaling.schedules\[0\].minCount: at most 7/);
    expect(problems[1]).to.match(/^scaling.schedules\[1\].maxCount: at least 8/);
  });

  it("comes once, and leaves a task behind a balancer", () => {
    const [each] = schedule({}).schedules!;
    expect(problemOf({ schedules: [each!, { ...each!, minCount: 9 }] })).to.match(
      /^scaling.schedules\[1\]: another time than scaling.schedules\[0\]'s/,
    );
    expect(problemOf(schedule({ minCount: 0 }))).to.match(/minCount: a whole number from 1/);
    const many = Array.from({ length: 201 }, (_, index) => ({
      at: `2027-01-01T00:00:00`,
      timeZone: "UTC",
      minCount: 5 + (index % 2),
    }));
    expect(problemsOf({ schedules: many })[0]).to.match(/^scaling.schedules: at most 200; remove 1/);
  });
});

describe("the problems of scaling", () => {
  it("are told all at once", () => {
    const problems = scalingProblems(
      {
        minCount: 5,
        maxCount: 2,
        scaleOut: [{ metric: "cpu", atLeast: 200, add: 1 }],
        scaleIn: { mostSharePercent: 0 },
        targetTracking: [{ metric: "memory", target: 0 }],
        schedules: [{ cron: "8", minCount: 1 }],
        scaleOutCooldownSeconds: -1,
      },
      FACTS,
    );
    expect(problems.map(({ property }) => property)).to.deep.equal([
      "scaling.maxCount",
      "scaling.scaleOut[0].atLeast",
      "scaling.targetTracking[0].target",
      "scaling.scaleIn.mostSharePercent",
      "scaling.schedules[0].cron",
      "scaling.scaleOutCooldownSeconds",
    ]);
  });

  it("are none where steps go up with their bounds, whatever the bounds", () => {
    const steps = fc
      .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 20 })
      .map((bounds) =>
        [...bounds]
          .sort((a, b) => a - b)
          .map((atLeast, index) => ({ metric: "cpu" as const, atLeast, add: index + 1 })),
      );
    fc.assert(fc.property(steps, (scaleOut) => problemsOf({ scaleOut }).length === 0));
  });

  it("leave notes where a step can't do all it says", () => {
    const notes = (scaling: Partial<ServiceScaling>): string[] => scalingNotes({ ...BOUNDS, ...scaling }, FACTS);
    expect(notes({})).to.deep.equal([]);
    expect(notes({ scaleOut: [{ ...CPU_OUT, add: 17 }] })).to.deep.equal([
      "scaling.scaleOut[0] adds 17, and from minCount to maxCount there are only 16",
    ]);
    expect(notes({ maxCount: 4 })).to.deep.equal([
      "minCount and maxCount are both 4: nothing scales until a schedule changes one",
    ]);
    expect(notes({ scaleIn: [{ metric: "cpu", below: 50, remove: 2 }] })).to.deep.equal([
      "scaling.scaleIn[0] may leave 4 of 6 tasks, at up to 75, and scaling out begins at 60: they would come back",
    ]);
    expect(notes({ scaleIn: [{ metric: "cpu", below: 30, remove: 2 }] })).to.deep.equal([]);
  });
});
