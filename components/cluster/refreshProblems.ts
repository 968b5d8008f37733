/** What can be wrong with a cluster's refresh. */
import { choiceProblems, rangeProblems, type Problem } from "../problems";
import { DAYS, REFRESHES, type RefreshArgs } from "./refreshArgs";

const MINUTES_OF_DAY = 24 * 60;
/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html */
const LARGEST_PERCENT = 200;
const LONGEST_DELAY_SECONDS = 172_800;
const MOST_ALARMS = 10;
const LONGEST_MINUTES = 14 * MINUTES_OF_DAY;

export function refreshProblems(args: RefreshArgs): Problem[] {
  return [
    ...choiceProblems("refresh", args.refresh, REFRESHES),
    ...dayProblems(args.refreshDays),
    ...startProblems(args.refreshStartTime),
    ...rangeProblems("refreshWindowMinutes", args.refreshWindowMinutes, 15, MINUTES_OF_DAY),
    ...zoneProblems(args.refreshTimeZone),
    ...rangeProblems("refreshMaxMinutes", args.refreshMaxMinutes, 15, LONGEST_MINUTES),
    ...rangeProblems("refreshMaxHealthyPercent", args.refreshMaxHealthyPercent, 101, LARGEST_PERCENT),
    ...checkpointProblems(args.refreshCheckpointPercents),
    ...rangeProblems("refreshCheckpointDelaySeconds", args.refreshCheckpointDelaySeconds, 0, LONGEST_DELAY_SECONDS),
    ...rangeProblems("refreshInstanceWarmupSeconds", args.refreshInstanceWarmupSeconds, 0, 3600),
    ...alarmProblems(args.refreshAlarmNames),
  ];
}

function dayProblems(given: RefreshArgs["refreshDays"]): Problem[] {
  if (given === undefined) return [];
  const property = "refreshDays";
  if (given.length === 0)
    return [{ property, given, allowed: "at least one day", change: 'name one, or say refresh "notify"' }];
  return given.flatMap((day, index) => choiceProblems(`${property}[${index}]`, day, DAYS));
}

function startProblems(given: string | undefined): Problem[] {
  if (given === undefined || /^([01]\d|2[0-3]):[0-5]\d$/.test(given)) return [];
  const allowed = "HH:MM, from 00:00 to 23:59";
  return [{ property: "refreshStartTime", given, allowed, change: 'give two digits each, such as "02:00"' }];
}

function zoneProblems(given: string | undefined): Problem[] {
  if (given === undefined || isTimeZone(given)) return [];
  const allowed = "an IANA time zone";
  return [{ property: "refreshTimeZone", given, allowed, change: 'give one such as "UTC" or "Europe/Berlin"' }];
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone });
    return true;
  } catch {
    return false;
  }
}

/** Without 100 at the end, AWS would leave the other instances as they are. */
function checkpointProblems(given: RefreshArgs["refreshCheckpointPercents"]): Problem[] {
  const property = "refreshCheckpointPercents";
  if (given === undefined || given.length === 0) return [];
  const outside = given.flatMap((percent, index) => rangeProblems(`${property}[${index}]`, percent, 1, 100));
  if (outside.length > 0) return outside;
  const isRising = given.every((percent, index) => index === 0 || percent > given[index - 1]!);
  if (isRising && given.at(-1) === 100) return [];
  return [{ property, given, allowed: "rising percentages, the last one 100", change: "give e.g. [20, 100]" }];
}

function alarmProblems(given: RefreshArgs["refreshAlarmNames"]): Problem[] {
  if (given === undefined || given.length <= MOST_ALARMS) return [];
  const change = `remove ${given.length - MOST_ALARMS}, or name a composite alarm of several`;
  return [{ property: "refreshAlarmNames", given, allowed: `at most ${MOST_ALARMS} names`, change }];
}
