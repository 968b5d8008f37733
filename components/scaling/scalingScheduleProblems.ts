/** What can be wrong with scheduled scaling. */
import { didYouMean, rangeProblems, type Problem } from "../problems";
import type { ScalingSchedule } from "./scalingArgs";
import { cronProblem } from "./scalingCron";
import { LARGEST_COUNT } from "./scalingResolved";
import { scheduleId } from "./scalingSchedules";

/** @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html */
const MOST_SCHEDULES = 200;

interface Bounds {
  readonly minCount: number;
  readonly maxCount: number;
}

export function scheduleProblems(schedules: readonly ScalingSchedule[], usual: Bounds, fewest: number): Problem[] {
  const many = schedules.length - MOST_SCHEDULES;
  const tooMany: Problem[] =
    many > 0
      ? [
          {
            property: "scaling.schedules",
            given: `${schedules.length} schedules`,
            allowed: `at most ${MOST_SCHEDULES}`,
            change: `remove ${many}`,
          },
        ]
      : [];
  return [
    ...tooMany,
    ...schedules.flatMap((schedule, index) => [
      ...timeProblems(path(index), schedule),
      ...zoneProblems(path(index), schedule.timeZone),
      ...rangeProblems(`${path(index)}.minCount`, schedule.minCount, fewest, LARGEST_COUNT),
      ...rangeProblems(`${path(index)}.maxCount`, schedule.maxCount, fewest, LARGEST_COUNT),
      ...repeatedProblems(schedule, index, schedules),
      ...countProblems(schedule, index, schedules, usual),
    ]),
  ];
}

const path = (index: number): string => `scaling.schedules[${index}]`;

function timeProblems(property: string, { cron, at }: ScalingSchedule): Problem[] {
  if ((cron === undefined) === (at === undefined)) {
    const change = cron === undefined ? "give one of the two" : "remove one of the two";
    return [{ property, given: { cron, at }, allowed: "cron, or at", change }];
  }
  if (cron !== undefined) return cronProblems(`${property}.cron`, cron);
  return at === undefined || isLocalTime(at) ? [] : [atProblem(`${property}.at`, at)];
}

function cronProblems(property: string, given: string): Problem[] {
  const inside = /^cron\((.*)\)$/.exec(given)?.[1];
  if (inside !== undefined) {
    return [{ property, given, allowed: "the fields alone", change: `give ${JSON.stringify(inside)}` }];
  }
  const allowed = cronProblem(given);
  return allowed === undefined ? [] : [{ property, given, allowed, change: "correct the expression" }];
}

function atProblem(property: string, given: string): Problem {
  const offset = /(Z|[+-]\d{2}:?\d{2})$/.test(given);
  const change = offset ? "remove the offset, and give the time zone in timeZone" : "give date and time to the second";
  return { property, given, allowed: "a time without offset, e.g. 2027-01-31T18:00:00", change };
}

/** A day that exists, too: 30 February would become 2 March. */
function isLocalTime(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(text)) return false;
  const time = new Date(`${text}Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}

function zoneProblems(property: string, given: string | undefined): Problem[] {
  if (given === undefined) return [];
  const known = zoneName(given);
  if (known !== undefined && (known === given || known.toLowerCase() !== given.toLowerCase())) return [];
  const allowed = "the name of a time zone, e.g. Europe/Berlin or UTC";
  const change =
    known !== undefined
      ? `spell it ${known}`
      : (didYouMean(given, Intl.supportedValuesOf("timeZone")) ?? "give a name of the IANA database");
  return [{ property: `${property}.timeZone`, given, allowed, change }];
}

/** As the time zone database spells it, which has names and no offsets; undefined where it has none of that name. */
function zoneName(given: string): string | undefined {
  if (/^[+-]/.test(given)) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: given }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function repeatedProblems(schedule: ScalingSchedule, index: number, all: readonly ScalingSchedule[]): Problem[] {
  const first = all.findIndex((each) => scheduleId(each) === scheduleId(schedule));
  if (first === index) return [];
  const allowed = `another time than ${path(first)}'s`;
  return [{ property: path(index), given: schedule.cron ?? schedule.at, allowed, change: "put both into one" }];
}

/** AWS refuses a minimum above the maximum that holds when the time comes. */
function countProblems(
  { minCount, maxCount }: ScalingSchedule,
  index: number,
  all: readonly ScalingSchedule[],
  usual: Bounds,
): Problem[] {
  const property = path(index);
  if (minCount === undefined && maxCount === undefined) {
    const allowed = "minCount, maxCount or both";
    return [{ property, given: undefined, allowed, change: "give what is to change then" }];
  }
  const lowest = maxCount ?? Math.min(usual.maxCount, ...all.map((each) => each.maxCount ?? LARGEST_COUNT));
  const highest = minCount ?? Math.max(usual.minCount, ...all.map((each) => each.minCount ?? 0));
  if (highest <= lowest) return [];
  if (minCount !== undefined) {
    const holds = maxCount === undefined ? "the lowest maxCount that may hold then" : "its maxCount";
    const change = maxCount === undefined ? "lower it, or give maxCount too" : "lower it, or raise maxCount";
    return [{ property: `${property}.minCount`, given: minCount, allowed: `at most ${lowest}, ${holds}`, change }];
  }
  const allowed = `at least ${highest}, the highest minCount that may hold then`;
  return [{ property: `${property}.maxCount`, given: maxCount, allowed, change: "raise it, or give minCount too" }];
}
