import { readSchedule, type Schedule } from "../../world/applicationAutoScaling/schedule";
import { schedule } from "../../world/applicationAutoScaling/scheduledAction";
import { EPOCH_MS } from "../../world/constants";
import { block, optionalNumber, text } from "../read";
import type { Resource } from "../monitor";
import { scalesService, targetOf } from "./scalableTarget";
import type { Reader } from "./reader";

export const readScheduledAction: Reader = (resource, deployment) => {
  const { inputs, outputs } = resource;
  const target = scalesService(resource, deployment) ? targetOf(resource, deployment) : undefined;
  if (target === undefined) return;
  const { context } = deployment.world;
  const due = scheduleOf(resource, EPOCH_MS + context.clock.now);
  if (typeof due === "string") return deployment.notModelled(`scheduled action ${resource.name}: ${due}`);
  const { minCapacity, maxCapacity } = block(inputs.scalableTargetAction);
  const spec = {
    name: text(outputs.name),
    schedule: due,
    startTime: time(inputs.startTime),
    endTime: time(inputs.endTime),
    minCapacity: optionalNumber(minCapacity),
    maxCapacity: optionalNumber(maxCapacity),
  };
  schedule(spec, target, context);
};

/** When it is due, or what of it isn't modelled. */
function scheduleOf({ inputs }: Resource, now: number): Schedule | string {
  try {
    return readSchedule(text(inputs.schedule), text(inputs.timezone ?? "UTC"), time(inputs.startTime) ?? now);
  } catch (error) {
    return (error as Error).message;
  }
}

const time = (value: unknown): number | undefined => (value === undefined ? undefined : Date.parse(text(value)));
