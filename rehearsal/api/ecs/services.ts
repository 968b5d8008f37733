/** ECS's operations on services. */
import type * as sdk from "@aws-sdk/client-ecs";
import type { Cluster } from "../../world/ecs/cluster";
import type { Service } from "../../world/ecs/service";
import type { World } from "../../world/world";
import { ApiError, atMost, paged, type Operation } from "../operation";
import { arnOf, BUCKETS, clusterOf, within } from "./common";

const PAGE = { byDefault: 10, most: 100 };
const DESCRIBE_LIMIT = 10;

const listServices: Operation<sdk.ListServicesCommandInput> = {
  requires: [],
  bucket: BUCKETS.serviceRead,
  kind: "read",
  request: (input, world) => ({ action: "ecs:ListServices", resources: within(input, world, ["*"]) }),
  run: (input, world) => {
    const arns = [...clusterOf(input, world).services.values()].map((service) => service.spec.arn);
    const { items, next } = paged(arns, input.nextToken, input.maxResults, PAGE);
    return { serviceArns: items, nextToken: next };
  },
};

const named = (given: string, cluster: Cluster): Service | undefined => cluster.services.get(given.split("/").at(-1)!);

const describeServices: Operation<sdk.DescribeServicesCommandInput> = {
  requires: ["services"],
  limits: atMost("services", DESCRIBE_LIMIT),
  bucket: BUCKETS.serviceRead,
  kind: "read",
  request: (input, world) => {
    const cluster = clusterOf(input, world);
    const arns = (input.services ?? []).map((given) => arnOf("service", given, cluster));
    return { action: "ecs:DescribeServices", resources: within(input, world, arns) };
  },
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const services: sdk.Service[] = [];
    const failures: sdk.Failure[] = [];
    for (const given of input.services ?? []) {
      const service = named(given, cluster);
      if (service === undefined) failures.push({ arn: arnOf("service", given, cluster), reason: "MISSING" });
      else services.push(describe(service, cluster));
    }
    return { services, failures };
  },
};

function describe(service: Service, cluster: Cluster): sdk.Service {
  const { name, arn, loadBalancers, minimumHealthyPercent, maximumPercent } = service.spec;
  let running = 0;
  let pending = 0;
  for (const { lastStatus } of service.tasks) {
    if (lastStatus === "RUNNING") running++;
    else if (lastStatus === "PROVISIONING" || lastStatus === "PENDING") pending++;
  }
  return {
    serviceName: name,
    serviceArn: arn,
    clusterArn: cluster.spec.arn,
    status: "ACTIVE",
    schedulingStrategy: "REPLICA",
    taskDefinition: service.spec.taskDefinition.arn,
    desiredCount: service.desiredCount,
    runningCount: running,
    pendingCount: pending,
    deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
    loadBalancers: loadBalancers.map((each) => ({ ...each })),
  };
}

const updateService: Operation<sdk.UpdateServiceCommandInput> = {
  requires: ["service"],
  limits: (input) => {
    const other = Object.keys(input).filter((member) => !MODELLED_UPDATES.includes(member));
    return other.length === 0 ? undefined : `${other.join(", ")} not modelled: ${MODELLED_UPDATES.join(", ")} are`;
  },
  bucket: BUCKETS.serviceModify,
  kind: "modify",
  request: (input, world) => ({
    action: "ecs:UpdateService",
    resources: within(input, world, [arnOf("service", input.service ?? "", clusterOf(input, world))]),
  }),
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const service = named(input.service ?? "", cluster);
    if (service === undefined) throw new ApiError("ServiceNotFoundException", "Service not found.");
    apply(input, service, cluster, world);
    return { service: describe(service, cluster) };
  },
};

const MODELLED_UPDATES = ["cluster", "service", "desiredCount", "forceNewDeployment"];

function apply(input: sdk.UpdateServiceCommandInput, service: Service, cluster: Cluster, world: World): void {
  if (input.desiredCount !== undefined && input.desiredCount !== service.desiredCount) {
    world.context.log.write("ecs.DesiredCount", { service: service.spec.name, desiredCount: input.desiredCount });
    cluster.setDesiredCount(service, input.desiredCount);
  }
  if (input.forceNewDeployment === true) cluster.forceNewDeployment(service);
}

export const services: Readonly<Record<string, Operation>> = {
  ListServices: listServices,
  DescribeServices: describeServices,
  UpdateService: updateService,
};
