/** What moto can't do with services: it runs no task of them, and so deploys and counts none. */
import type * as ecs from "@aws-sdk/client-ecs";
import { paged } from "../../../rehearsal/api/operation";
import type { Clients } from "./clients";
import type { Stub } from "./motoGaps";
import type { TaskGroups } from "./motoTasks";

const SERVICES_PAGE = { byDefault: 10, most: 100 };

export function serviceGaps(groups: TaskGroups): Readonly<Record<string, Stub>> {
  const deploying = new Set<string>();
  return {
    "ecs:ListServices": listServices,
    "ecs:DescribeServices": (input: ecs.DescribeServicesRequest, moto) =>
      describeServices(input, moto, { groups, deploying }),
    "ecs:UpdateService": async (input: ecs.UpdateServiceRequest, moto) => {
      const { service } = await moto.ecs.updateService(input);
      if (input.forceNewDeployment === true) deploying.add(service?.serviceName ?? "");
      return { service };
    },
  };
}

/** moto gives everything at once. */
async function listServices(
  { nextToken, maxResults, ...which }: ecs.ListServicesRequest,
  moto: Clients,
): Promise<object> {
  const { serviceArns = [] } = await moto.ecs.listServices(which);
  const { items, next } = paged(serviceArns, nextToken, maxResults, SERVICES_PAGE);
  return { serviceArns: items, nextToken: next };
}

/** moto has as many tasks run as are desired, and a new deployment in place of the old one; here it goes on beside it. */
async function describeServices(
  input: ecs.DescribeServicesRequest,
  moto: Clients,
  { groups, deploying }: { readonly groups: TaskGroups; readonly deploying: ReadonlySet<string> },
): Promise<object> {
  const { services = [], failures } = await moto.ecs.describeServices(input);
  const { taskArns = [] } = await moto.ecs.listTasks({ cluster: input.cluster, desiredStatus: "RUNNING" });
  const counted = services.map(async (service) => {
    const { serviceName = "" } = service;
    const { length: runningCount } = await groups.ofService(serviceName, taskArns, moto);
    const deployments = deploying.has(serviceName) ? rolling(service) : service.deployments;
    return { ...service, runningCount, pendingCount: 0, deployments };
  });
  return { services: await Promise.all(counted), failures };
}

function rolling({ deployments: [deployment] = [] }: ecs.Service): ecs.Deployment[] {
  return [
    { ...deployment, id: `${deployment?.id}1`, rolloutState: "IN_PROGRESS" },
    { ...deployment, status: "ACTIVE" },
  ];
}
