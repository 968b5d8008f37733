/** ECS's operations on services. */
import type * as sdk from "@aws-sdk/client-ecs";
import type { Cluster } from "../../world/ecs/cluster";
import type { Deployment } from "../../world/ecs/deployment";
import type { Service } from "../../world/ecs/service";
import type { Task } from "../../world/ecs/task";
import { dateOf } from "../../world/context";
import { ApiError, atMost, paged, type Operation } from "../operation";
import { arnOf, arnsOf, BUCKETS, clusterOf, lookUp, within } from "./common";

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
    const arns = arnsOf("service", input.services, cluster);
    return { action: "ecs:DescribeServices", resources: within(input, world, arns) };
  },
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const { found, failures } = lookUp(arnsOf("service", input.services, cluster), (arn) => {
      const service = named(arn, cluster);
      return service && { ...describe(service, cluster), ...tagsOf(service, input.include) };
    });
    return { services: found, failures };
  },
};

const tagsOf = ({ spec: { tags } }: Service, include: sdk.DescribeServicesCommandInput["include"]) =>
  include?.includes("TAGS") === true ? { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) } : {};

interface Counts {
  running: number;
  pending: number;
}

function countsOf(tasks: Iterable<Task>): Counts {
  const counts = { running: 0, pending: 0 };
  for (const { lastStatus } of tasks) {
    if (lastStatus === "RUNNING") counts.running++;
    else if (lastStatus === "PROVISIONING" || lastStatus === "PENDING") counts.pending++;
  }
  return counts;
}

function describe(service: Service, cluster: Cluster): sdk.Service {
  const { name, arn, loadBalancers, minimumHealthyPercent, maximumPercent, capacityProviderStrategy } = service.spec;
  const { running, pending } = countsOf(service.tasks);
  const { enable, rollback } = service.spec.circuitBreaker;
  return {
    serviceName: name,
    serviceArn: arn,
    clusterArn: cluster.spec.arn,
    status: "ACTIVE",
    schedulingStrategy: "REPLICA",
    taskDefinition: service.taskDefinition.arn,
    desiredCount: service.desiredCount,
    runningCount: running,
    pendingCount: pending,
    capacityProviderStrategy: capacityProviderStrategy.map((each) => ({ ...each })),
    placementStrategy: service.spec.placementStrategies.map((each) => ({ ...each })),
    placementConstraints: [],
    deploymentConfiguration: {
      minimumHealthyPercent,
      maximumPercent,
      deploymentCircuitBreaker: { enable, rollback },
    },
    deployments: [service.rollout.primary, ...[...service.rollout.older].reverse()].map((each) =>
      describeDeployment(each, service),
    ),
    events: service.rollout.events.map(({ id, at, message }) => ({ id, createdAt: dateOf(at), message })),
    loadBalancers: loadBalancers.map((each) => ({ ...each })),
  };
}

function describeDeployment(deployment: Deployment, service: Service): sdk.Deployment {
  const own = [...service.tasks].filter((task) => task.deployment === deployment);
  const { running, pending } = countsOf(own);
  const isPrimary = deployment === service.rollout.primary;
  return {
    id: deployment.id,
    status: isPrimary ? "PRIMARY" : "ACTIVE",
    taskDefinition: deployment.taskDefinition.arn,
    // What an older one still has is what it still should have.
    desiredCount: isPrimary ? service.desiredCount : running + pending,
    runningCount: running,
    pendingCount: pending,
    failedTasks: deployment.failedTasks,
    createdAt: dateOf(deployment.createdAt),
    updatedAt: dateOf(deployment.updatedAt),
    rolloutState: deployment.state,
    rolloutStateReason: deployment.reason,
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
  request: (input, world) => {
    const cluster = clusterOf(input, world);
    const tags = Object.entries(named(input.service ?? "", cluster)?.spec.tags ?? {});
    const own = Object.fromEntries(tags.map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
    const resources = within(input, world, [arnOf("service", input.service ?? "", cluster)]);
    return {
      action: "ecs:UpdateService",
      resources: resources.map(({ arn, context }) => ({ arn, context: { ...context, ...own } })),
    };
  },
  run: (input, world, _asOf, caller) => {
    const cluster = clusterOf(input, world);
    const service = named(input.service ?? "", cluster);
    if (service === undefined) throw new ApiError("ServiceNotFoundException", "Service not found.");
    if (input.desiredCount !== undefined) cluster.setDesiredCount(service, input.desiredCount, caller);
    if (input.forceNewDeployment === true) cluster.forceNewDeployment(service);
    return { service: describe(service, cluster) };
  },
};

const MODELLED_UPDATES = ["cluster", "service", "desiredCount", "forceNewDeployment"];

export const services: Readonly<Record<string, Operation>> = {
  ListServices: listServices,
  DescribeServices: describeServices,
  UpdateService: updateService,
};
