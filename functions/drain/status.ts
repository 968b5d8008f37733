import type { CallOptions } from "../calls";
import type { Acting } from "./act";

/** A container instance that isn't ACTIVE any more gets no new task either way; one that is REGISTERING will. */
export const TAKES_NO_TASK = /MISSING|INACTIVE|DRAINING|DEREGISTERING/;

/** Has ECS place tasks on container instances, or no more; one that is gone is neither here nor there. */
export async function setStatus(
  status: "ACTIVE" | "DRAINING",
  batch: readonly { readonly containerInstanceArn: string }[],
  { ports, settings }: Acting,
  options: CallOptions,
): Promise<void> {
  const containerInstances = batch.map((action) => action.containerInstanceArn);
  const request = { cluster: settings.clusterArn, containerInstances, status };
  const { failures } = await ports.ecs.updateContainerInstancesState(request, options);
  const serious = (failures ?? []).filter(({ reason }) => !TAKES_NO_TASK.test(reason ?? ""));
  if (serious.length > 0) throw new Error(`not ${status}: ${JSON.stringify(serious)}`);
}
