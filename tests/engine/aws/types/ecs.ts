/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ and the AWS provider's own documentation for what replaces. */
import type { Account, Entry } from "../account";
import { arn, text, valuesAt, type Draft, type Props, type ResourceType } from "../resourceType";
import { attachedTo } from "../routing";
import { clusterOf, groupExists, groupOf, strategyOf } from "../serving";

const cluster: ResourceType = {
  type: "aws:ecs/cluster:Cluster",
  named: { property: "name", longest: 255 },
  replacedBy: ["name"],
  outputs: (props, place) => ({ arn: arn("ecs", `cluster/${text(props, "name")}`, place) }),
  id: "arn",
  refusesDelete: ({ props, region }, account) => {
    if (servicesIn(text(props, "arn"), account).length > 0)
      return "ClusterContainsServicesException: The Cluster cannot be deleted while Services are active.";
    const groups = account.all("aws:autoscaling/group:Group", region).filter(({ live }) => live.cluster === props.name);
    if (groups.length > 0)
      return "ClusterContainsContainerInstancesException: The Cluster cannot be deleted while Container Instances are active or draining.";
    return undefined;
  },
};

const capacityProvider: ResourceType = {
  type: "aws:ecs/capacityProvider:CapacityProvider",
  named: { property: "name", longest: 255 },
  replacedBy: ["name", "autoScalingGroupProvider.autoScalingGroupArn"],
  outputs: (props, place) => ({ arn: arn("ecs", `capacity-provider/${text(props, "name")}`, place) }),
  id: "arn",
  refusesCreate: ({ props, region }, account) => {
    const [group] = groupsWithArn(props, region, account);
    if (!group) return "ClientException: The specified Auto Scaling group does not exist.";
    const taken = account
      .all("aws:ecs/capacityProvider:CapacityProvider", region)
      .some((each) => groupArn(each.props) === groupArn(props));
    return taken
      ? "ClientException: The specified Auto Scaling group ARN is already being used by another capacity provider."
      : undefined;
  },
  refusesDelete: ({ props, region }, account) => {
    const associated = associations(region, account).some((each) =>
      providersOf(each.props).includes(text(props, "name")),
    );
    const used = account
      .all("aws:ecs/service:Service", region)
      .some((service) => strategyOf(service.props).includes(text(props, "name")));
    if (associated || used)
      return "ResourceInUseException: The specified capacity provider is in use and cannot be removed.";
    return undefined;
  },
  /** ECS tags the group as managed. */
  created: ({ props, region }, account) => {
    for (const group of groupsWithArn(props, region, account)) addManagedTag(group);
  },
};

const groupArn = (props: Props): unknown => valuesAt(props, "autoScalingGroupProvider.autoScalingGroupArn")[0];

function groupsWithArn(props: Props, region: string, account: Account): Entry[] {
  return account.all("aws:autoscaling/group:Group", region).filter((group) => group.props.arn === groupArn(props));
}

function addManagedTag(group: Entry): void {
  const tags = (group.props.tags as Props[] | undefined) ?? [];
  if (tags.some(({ key }) => key === "AmazonECSManaged")) return;
  group.props = { ...group.props, tags: [...tags, { key: "AmazonECSManaged", value: "", propagateAtLaunch: true }] };
}

const associations = (region: string, account: Account): Entry[] =>
  account.all("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", region);

const providersOf = (props: Props): string[] => valuesAt(props, "capacityProviders").map(String);

const clusterCapacityProviders: ResourceType = {
  type: "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
  replacedBy: ["clusterName"],
  outputs: () => ({}),
  id: "clusterName",
  refusesCreate: ({ props, region }, account) => refusesAssociation(props, [], region, account),
  refusesUpdate: ({ props, region }, news, account) => refusesAssociation(news, providersOf(props), region, account),
  refusesDelete: ({ props, region }, account) => refusesRemoval(props, providersOf(props), region, account),
};

/** A provider belongs to one cluster.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html */
function refusesAssociation(news: Props, olds: string[], region: string, account: Account): string | undefined {
  if (!clusterOf(text(news, "clusterName"), account)) return "ClusterNotFoundException: Cluster not found.";
  const elsewhere = associations(region, account)
    .filter(({ props }) => props.clusterName !== news.clusterName)
    .flatMap(({ props }) => providersOf(props));
  const taken = providersOf(news).filter((name) => elsewhere.includes(name));
  if (taken.length > 0) return `InvalidParameterException: ${taken.join(", ")} is associated with another cluster.`;
  const missing = providersOf(news).filter((name) => !groupOf(name, region, account));
  if (missing.length > 0)
    return `InvalidParameterException: The specified capacity provider ${missing.join(", ")} was not found.`;
  return refusesRemoval(
    news,
    olds.filter((name) => !providersOf(news).includes(name)),
    region,
    account,
  );
}

function refusesRemoval(
  { clusterName }: Props,
  removed: string[],
  region: string,
  account: Account,
): string | undefined {
  const arnOf = clusterOf(String(clusterName), account)?.props.arn;
  const used = servicesIn(String(arnOf as string), account).filter((service) =>
    strategyOf(service.props).some((name) => removed.includes(name)),
  );
  return used.length > 0
    ? "ResourceInUseException: The specified capacity provider is in use and cannot be removed."
    : undefined;
}

const servicesIn = (clusterArn: string, account: Account): Entry[] =>
  account.all("aws:ecs/service:Service").filter(({ props }) => props.cluster === clusterArn);

const taskDefinition: ResourceType = {
  type: "aws:ecs/taskDefinition:TaskDefinition",
  replacedBy: [
    "family",
    "containerDefinitions",
    "cpu",
    "memory",
    "networkMode",
    "requiresCompatibilities",
    "executionRoleArn",
    "taskRoleArn",
    "volumes",
    "placementConstraints",
    "runtimePlatform",
  ],
  outputs: (props, place) => ({
    arn: arn("ecs", `task-definition/${text(props, "family")}:${place.serial}`, place),
    revision: place.serial,
  }),
  id: "arn",
};

const service: ResourceType = {
  type: "aws:ecs/service:Service",
  named: { property: "name", longest: 255 },
  replacedBy: ["name", "cluster", "launchType", "schedulingStrategy", "iamRole"],
  outputs: (props, place) => ({
    arn: arn("ecs", `service/${text(props, "cluster").split("/").at(-1)}/${text(props, "name")}`, place),
  }),
  id: "arn",
  refusesCreate: refusesService,
  refusesUpdate: ({ region, type }, props, account) => refusesService({ region, type, props }, account),
  created: runTasks,
  updated: runTasks,
};

function refusesService({ props, region }: Draft, account: Account): string | undefined {
  const inCluster = clusterOf(text(props, "cluster"), account);
  if (!inCluster) return "ClusterNotFoundException: Cluster not found.";
  if (
    !account
      .all("aws:ecs/taskDefinition:TaskDefinition", region)
      .some((each) => each.props.arn === props.taskDefinition)
  )
    return "ClientException: TaskDefinition is inactive";
  const associated = associations(region, account)
    .filter((each) => each.props.clusterName === inCluster.props.name)
    .flatMap((each) => providersOf(each.props));
  const unknown = strategyOf(props).filter((name) => !associated.includes(name));
  if (unknown.length > 0)
    return `InvalidParameterException: The specified capacity provider ${unknown.join(", ")} is not associated with the cluster.`;
  const unused = valuesAt(props, "loadBalancers.targetGroupArn")
    .map(String)
    .filter((each) => !groupExists(each, account) || attachedTo(each, account).length === 0);
  if (unused.length > 0)
    return `InvalidParameterException: The target group ${unused.join(", ")} does not have an associated load balancer.`;
  return undefined;
}

/** With waitForSteadyState its tasks run before the call returns, which takes instances in its cluster; else some time later. */
function runTasks(entry: Entry, account: Account): void {
  if (entry.props.waitForSteadyState !== true) return;
  settleService(entry, account);
}

export function settleService(entry: Entry, account: Account): void {
  const { props, region } = entry;
  const name = clusterOf(text(props, "cluster"), account)?.props.name;
  const strategy = strategyOf(props);
  entry.live.runsOn = strategy.filter((provider) => groupOf(provider, region, account)?.live.cluster === name);
  entry.live.targetGroups = valuesAt(props, "loadBalancers.targetGroupArn");
}

export const ECS_TYPES = [cluster, capacityProvider, clusterCapacityProviders, taskDefinition, service];
