/** What every service declares, web or worker. */
import type * as aws from "@pulumi/aws";
import { capacityProviderStrategies } from "./capacityStrategy";
import type { withDefaults } from "../defaults";
import type { SERVICE_DEFAULTS, ServiceArgs } from "./serviceArgs";
import { rebalancingFits } from "./serviceProblems";
import type { Task } from "../task/task";
import type { TaskArgs } from "../task/taskArgs";

export type ServiceSettings = ReturnType<typeof withDefaults<ServiceArgs, typeof SERVICE_DEFAULTS>> &
  Pick<TaskArgs, "protectsWork">;

export function serviceInputs(settings: ServiceSettings, { definition }: Task): aws.ecs.ServiceArgs {
  const { cluster, capacity, placementConstraints, tags } = settings;
  return {
    cluster: cluster.cluster.arn,
    taskDefinition: definition.arn,
    desiredCount: settings.desiredCount,
    capacityProviderStrategies: capacityProviderStrategies(capacity, cluster.capacity),
    // ECS takes a changed strategy only with a new deployment.
    forceNewDeployment: true,
    deploymentMinimumHealthyPercent: settings.minimumHealthyPercent,
    deploymentMaximumPercent: settings.maximumPercent,
    ...deploymentEnds(settings),
    orderedPlacementStrategies: settings.placementStrategies.map((strategy) => ({ ...strategy })),
    placementConstraints: placementConstraints?.map((constraint) => ({ ...constraint })),
    availabilityZoneRebalancing: settings.availabilityZoneRebalancing ?? rebalancing(settings),
    enableExecuteCommand: settings.enableExecuteCommand,
    enableEcsManagedTags: true,
    propagateTags: settings.propagateTags,
    waitForSteadyState: settings.waitForSteadyState,
    tags,
  };
}

/** Like scaling in, moving takes a task that is idle, and with it a long request that comes before the balancer lets go. */
function rebalancing(settings: ServiceSettings): "ENABLED" | "DISABLED" {
  return rebalancingFits(settings) && settings.protectsWork !== true ? "ENABLED" : "DISABLED";
}

/** What ends a deployment before it is through, and what happens then. */
function deploymentEnds({
  deploymentCircuitBreaker: enable,
  deploymentAlarmNames: alarmNames = [],
  deploymentRollback: rollback,
}: ServiceSettings): Pick<aws.ecs.ServiceArgs, "deploymentCircuitBreaker" | "alarms"> {
  return {
    // ECS takes a rollback only where the breaker is on.
    deploymentCircuitBreaker: { enable, rollback: enable && rollback },
    ...(alarmNames.length > 0 && { alarms: { alarmNames, enable: true, rollback } }),
  };
}
