/** The shape of a service's scaling where it comes as JSON, from a stack's configuration. What the values may be, `scalingProblems` says. */
import * as z from "zod";
import { SERVICE_METRICS, STATISTICS, TIERS_PER, type ServiceScaling } from "./scalingArgs";

const id = z.string().optional();
const customMetric = z.strictObject({
  namespace: z.string(),
  metricName: z.string(),
  dimensions: z.record(z.string(), z.string()).optional(),
  statistic: z.enum(STATISTICS).optional(),
  id,
});
const metric = z.union([z.enum(SERVICE_METRICS), z.strictObject({ queueName: z.string(), id }), customMetric]);
const forMinutes = z.number().optional();
const seconds = z.number().optional();

const scaleOutStep = z.strictObject({ metric, atLeast: z.number(), forMinutes, add: z.number() });
const scaleInStep = z.strictObject({ metric, below: z.number(), forMinutes, remove: z.number() });
const scaleInTiers = z.strictObject({
  tiers: z.array(z.strictObject({ below: z.number(), remove: z.number() })).optional(),
  tiersPer: z.enum(TIERS_PER).optional(),
  mostSharePercent: z.number().optional(),
  workPatienceSeconds: seconds,
});
const targetTracking = z.strictObject({
  metric: z.union([z.enum(SERVICE_METRICS), customMetric]),
  target: z.number(),
  scaleOutCooldownSeconds: seconds,
  scaleInCooldownSeconds: seconds,
});
const schedule = z.strictObject({
  cron: z.string().optional(),
  at: z.string().optional(),
  timeZone: z.string().optional(),
  minCount: z.number().optional(),
  maxCount: z.number().optional(),
});

export const scalingSchema: z.ZodType<ServiceScaling> = z.strictObject({
  minCount: z.number(),
  maxCount: z.number(),
  scaleOut: z.array(scaleOutStep).optional(),
  scaleIn: z.union([z.array(scaleInStep), scaleInTiers, z.enum(["targetTracking", "none"])]).optional(),
  targetTracking: z.array(targetTracking).optional(),
  schedules: z.array(schedule).optional(),
  scaleOutCooldownSeconds: seconds,
  scaleInCooldownSeconds: seconds,
});
