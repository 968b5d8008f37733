/** Scheduled scaling, declared. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { ScalingSchedule } from "./scalingArgs";
import { inSequence, ofTarget, type ScalingContext } from "./scalingTarget";
import { transformed } from "../transform";

const WORDS: Readonly<Record<string, string>> = {
  "*": "all",
  "?": "any",
  ",": "and",
  "-": "to",
  "/": "per",
  "#": "nth",
};

/** The schedule's part in its name: a schedule that is told by its time keeps its action when another one is added before it. */
export function scheduleId({ cron, at, timeZone = "UTC" }: ScalingSchedule): string {
  const time = cron?.trim().replace(/[*?,/#-]/g, (sign) => `${WORDS[sign]}`) ?? at ?? "";
  return `${time} ${timeZone.replace("+", "plus")}`.replace(/[^A-Za-z0-9-]+/g, "-");
}

export function makeScheduledActions(
  name: string,
  after: readonly pulumi.Resource[],
  { target, scaling, transform, parent }: ScalingContext,
): aws.appautoscaling.ScheduledAction[] {
  return inSequence(scaling.schedules ?? [], after, (schedule, dependsOn) => {
    const { cron, at, timeZone = "UTC", minCount, maxCount } = schedule;
    const args: aws.appautoscaling.ScheduledActionArgs = {
      ...ofTarget(target),
      schedule: cron === undefined ? `at(${at})` : `cron(${spelled(cron)})`,
      timezone: timeZone,
      scalableTargetAction: { minCapacity: minCount, maxCapacity: maxCount },
    };
    const given = transformed(args, transform.scheduledAction);
    const part = `${name}-schedule-${scheduleId(schedule)}`;
    return new aws.appautoscaling.ScheduledAction(part, given, { parent, dependsOn });
  });
}

/** As AWS's pages spell it: one space between fields, names in capitals. */
const spelled = (cron: string): string => cron.trim().replace(/\s+/g, " ").toUpperCase();
