/** The function that moves a cluster's tasks, as its environment names the cluster, and how each service says its tasks are moved. */
import { parseMovesTag } from "../../functions/rebalance/movesTag";
import { MOVES_TAG } from "../../functions/tags";
import type { Cluster } from "../world/ecs/cluster";
import type { LambdaFunction } from "../world/lambda/function";
import type { World } from "../world/world";
import type { ServicePromise } from "./promises";
import { scaleInFunctionOf, type ScaleInFunction } from "./scaleInFunction";

export function rebalanceFunctionOf({ functions }: World, cluster: Cluster): LambdaFunction["spec"] | undefined {
  const found = functions.find(({ spec: { environment } }) => {
    return environment.CLUSTER_ARN === cluster.spec.arn && environment.MOST_APART_PERCENT !== undefined;
  });
  return found?.spec;
}

/** Whoever retires a service's tasks, for less load or to move them. */
export function retiringFunctionsOf(
  world: World,
  promise: Pick<ServicePromise, "cluster" | "service">,
): ScaleInFunction[] {
  const { cluster, service } = promise;
  const scaleIn = scaleInFunctionOf(world, promise);
  const rebalance = rebalanceFunctionOf(world, cluster);
  const figures = parseMovesTag(service.spec.tags[MOVES_TAG]);
  const moving =
    rebalance === undefined || figures === undefined
      ? []
      : [
          {
            name: rebalance.name,
            settleMs: figures.settleSeconds * 1000,
            patienceMs: figures.workPatienceSeconds * 1000,
          },
        ];
  return [...(scaleIn === undefined ? [] : [scaleIn]), ...moving];
}
