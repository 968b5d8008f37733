/** The function that scales a service in, as its environment names the service. */
import type { World } from "../world/world";
import type { ServicePromise } from "./promises";

export interface ScaleInFunction {
  readonly name: string;
  /** How long a task's targets are out before the function may stop it. */
  readonly settleMs: number;
  /** How long a task's work is waited for. */
  readonly patienceMs: number;
}

export function scaleInFunctionOf(
  { functions }: World,
  { cluster, service }: Pick<ServicePromise, "cluster" | "service">,
): ScaleInFunction | undefined {
  const found = functions.find(({ spec: { environment } }) => {
    const { CLUSTER_ARN, SERVICE_NAME, LOW_ALARM_NAME } = environment;
    return CLUSTER_ARN === cluster.spec.arn && SERVICE_NAME === service.spec.name && LOW_ALARM_NAME !== undefined;
  });
  if (found === undefined) return undefined;
  const { name, environment } = found.spec;
  const ms = (setting: string): number => Number(environment[setting] ?? 0) * 1000;
  return { name, settleMs: ms("SETTLE_SECONDS"), patienceMs: ms("WORK_PATIENCE_SECONDS") };
}
