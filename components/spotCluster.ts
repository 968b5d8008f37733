/**
 * An ECS cluster whose container instances are Spot Instances, with what it takes to lose none of their requests.
 *
 * @example
 * const cluster = new SpotCluster("shop", { vpcId, subnetIds, instanceTypes, minSize: 2, maxSize: 20, onDemandBaseCapacity: 1 });
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { makeClusterAlarms, type Alarms } from "./watch/alarms";
import { makeAlarmTopic, type AlarmTopic } from "./watch/alarmTopic";
import { makeCapacity, type Capacity } from "./cluster/capacity";
import { Dashboard, type DashboardGroup } from "./watch/dashboard";
import { withDefaults } from "./defaults";
import { DrainFunction } from "./cluster/drainFunction";
import { FallbackFunction } from "./cluster/fallbackFunction";
import { makeInstanceProfile, type InstanceProfile } from "./cluster/instanceProfile";
import { INSTANCE_TYPES, type Architecture } from "./cluster/instanceTypes";
import { makeLaunchTemplate } from "./cluster/launchTemplate";
import { nameProblems } from "./names";
import { RebalanceFunction } from "./cluster/rebalanceFunction";
import { resolveNetwork, type Network } from "./cluster/network";
import { resolveFallback } from "./cluster/onDemandFallback";
import { throwProblems } from "./problems";
import { RefreshFunction } from "./cluster/refreshFunction";
import { makeInstanceSecurityGroup } from "./cluster/securityGroups";
import {
  smallestInstance,
  SPOT_CLUSTER_DEFAULTS,
  type SmallestInstance,
  type SpotClusterArgs,
} from "./spotClusterArgs";
import { spotClusterProblems } from "./spotClusterProblems";
import { transformed } from "./transform";
import { renderUserData } from "./cluster/userData";

/** @throws InputProblemsError that lists every problem of the args, before any resource is declared. */
export class SpotCluster extends pulumi.ComponentResource {
  readonly network: Network;
  readonly cluster: aws.ecs.Cluster;
  /** Of the instances. Each service's load balancer is admitted by a rule of that service. */
  readonly securityGroup: aws.ec2.SecurityGroup;
  readonly instanceProfile: InstanceProfile;
  /** The boot script in plain text. */
  readonly userData: pulumi.Output<string>;
  readonly launchTemplate: aws.ec2.LaunchTemplate;
  readonly capacity: Capacity;
  /** Whether services may ask for on-demand capacity. */
  readonly hasOnDemandCapacity: boolean;
  readonly drain: DrainFunction;
  /** Unless refresh is off. */
  readonly refresh?: RefreshFunction;
  readonly fallback: FallbackFunction;
  /** Where tasks are moved. */
  readonly rebalance?: RebalanceFunction;
  /** Where alarms go, of the cluster and of its services. */
  readonly alarmTopicArn?: pulumi.Input<string>;
  /** One that was made here. */
  readonly alarmTopic?: AlarmTopic;
  readonly alarms?: Alarms;
  readonly dashboard?: Dashboard;
  readonly architecture: Architecture;
  readonly stopTimeoutSeconds: number;
  readonly checkIntervalSeconds: number;
  /** What every instance has at least, where that is known; no task may need more. */
  readonly smallestInstance?: SmallestInstance;
  readonly clusterName: pulumi.Output<string>;
  readonly clusterArn: pulumi.Output<string>;
  /** There before a service starts, and until after it has stopped. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: SpotClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    throwProblems(`SpotCluster ${name}`, [...nameProblems(name), ...spotClusterProblems(args)]);
    super("spotproof:components:SpotCluster", name, {}, opts);
    const settings = resolve(args);
    const { transform } = settings;
    this.architecture = settings.architecture;
    this.stopTimeoutSeconds = settings.stopTimeoutSeconds;
    this.checkIntervalSeconds = settings.checkIntervalSeconds;
    this.smallestInstance = smallestInstance(args);
    this.network = resolveNetwork(name, { ...settings, transform: transform.vpc }, this);
    const { network } = this;
    const { vpcId, subnetIds } = network;
    const securityGroup = makeInstanceSecurityGroup(
      name,
      { ...settings, vpcId, transform: transform.securityGroup },
      this,
    );
    this.securityGroup = securityGroup.group;
    this.cluster = makeCluster(name, settings, securityGroup.group, this);
    const { cluster } = this;
    this.instanceProfile = makeInstanceProfile(name, { ...settings, cluster, transform: transform.instanceRole }, this);
    this.userData = userData(cluster, settings);
    const boot = { userData: this.userData, securityGroup: securityGroup.group, instanceProfile: this.instanceProfile };
    this.launchTemplate = makeLaunchTemplate(name, { ...settings, ...boot, transform: transform.launchTemplate }, this);
    const needs = [securityGroup.egress, ...(network.vpc ? [network.vpc] : [])];
    this.capacity = makeCapacity(
      name,
      { ...settings, cluster, launchTemplate: this.launchTemplate, subnetIds, needs },
      this,
    );
    this.hasOnDemandCapacity = this.capacity.onDemand !== undefined;
    const { autoScalingGroup, declaredBaseCapacity } = this.capacity;
    this.drain = new DrainFunction(
      name,
      { ...settings, cluster, autoScalingGroup, transform: transform.drainFunction },
      { parent: this },
    );
    this.refresh = makeRefresh(name, settings, this);
    this.fallback = new FallbackFunction(
      name,
      { ...settings, cluster, autoScalingGroup, declaredBaseCapacity, transform: transform.fallbackFunction },
      { parent: this },
    );
    this.rebalance = settings.rebalance ? makeRebalance(name, settings, this) : undefined;
    const { dashboard, alarmTopic, alarmTopicArn, alarms } = watching(name, settings, this);
    this.dashboard = dashboard;
    this.alarmTopic = alarmTopic;
    this.alarmTopicArn = alarmTopicArn;
    this.alarms = alarms;
    this.ready = [this.capacity.association, this.drain.eventSourceMapping, ...this.drain.events.targets];
    this.clusterName = cluster.name;
    this.clusterArn = cluster.arn;
    this.registerOutputs({ clusterName: this.clusterName, clusterArn: this.clusterArn });
  }
}

function makeRefresh(
  name: string,
  settings: ReturnType<typeof resolve>,
  parent: SpotCluster,
): RefreshFunction | undefined {
  if (settings.refresh === "off") return undefined;
  const { cluster, capacity, launchTemplate, instanceProfile } = parent;
  const groups = [capacity, ...(capacity.onDemand ? [capacity.onDemand] : [])].map((each) => each.autoScalingGroup);
  const made = { cluster, groups, launchTemplate, instanceRole: instanceProfile.role };
  return new RefreshFunction(name, { ...settings, ...made, transform: settings.transform.refreshFunction }, { parent });
}

function makeRebalance(name: string, settings: ReturnType<typeof resolve>, parent: SpotCluster): RebalanceFunction {
  const { cluster, capacity } = parent;
  const { autoScalingGroup } = capacity;
  const args = { ...settings, cluster, autoScalingGroup, transform: settings.transform.rebalanceFunction };
  return new RebalanceFunction(name, args, { parent });
}

/** What tells of the cluster: alarms, and a dashboard that its services add themselves to. */
function watching(
  name: string,
  settings: ReturnType<typeof resolve>,
  parent: SpotCluster,
): Pick<SpotCluster, "alarmTopicArn" | "alarmTopic" | "alarms" | "dashboard"> {
  const { transform, instancePrices: prices } = settings;
  const { cluster, capacity, drain, refresh, fallback, rebalance } = parent;
  const mindsRecommendations = settings.rebalanceRecommendations !== "ignore";
  const groups = dashboardGroups(settings, capacity);
  const functions = { drain, refresh, fallback, rebalance };
  const shown = { cluster, groups, ...functions, prices, mindsRecommendations, transform: transform.dashboard };
  const dashboard = settings.dashboard ? new Dashboard(name, shown, parent) : undefined;
  if (!settings.alarms) return { dashboard };
  const alarmTopic =
    settings.alarmTopicArn === undefined ? makeAlarmTopic(name, { ...settings, cluster }, parent) : undefined;
  const topicArn = settings.alarmTopicArn ?? alarmTopic!.topic.arn;
  const { autoScalingGroup } = capacity;
  const { refresh: mode, refreshMaxMinutes: maxMinutes } = settings;
  const watchedRefresh = refresh && { mode, maxMinutes, events: refresh.events, callback: refresh.callback };
  const told = { ...settings, cluster, autoScalingGroup, topicArn, transform: transform.alarm };
  const watched = { ...told, drain, fallback, rebalance, refresh: watchedRefresh };
  return { dashboard, alarmTopic, alarmTopicArn: topicArn, alarms: makeClusterAlarms(name, watched, parent) };
}

function dashboardGroups(
  { onDemandBaseCapacity, onDemandPercentageAboveBaseCapacity }: ReturnType<typeof resolve>,
  { onDemand, ...spot }: Capacity,
): DashboardGroup[] {
  const ofSpot = { ...spot, onDemandBaseCapacity, onDemandPercentageAboveBaseCapacity };
  if (!onDemand) return [ofSpot];
  return [ofSpot, { ...onDemand, onDemandBaseCapacity: 0, onDemandPercentageAboveBaseCapacity: 100 }];
}

function resolve(args: SpotClusterArgs) {
  const known = args.instanceTypes?.map((each) => INSTANCE_TYPES.get(each));
  const architecture = known?.[0]?.architecture ?? args.architecture;
  const burstable = known?.every((each) => each?.burstable) ?? false;
  return {
    ...withDefaults({ ...args, architecture }, SPOT_CLUSTER_DEFAULTS),
    burstable,
    fallback: resolveFallback(args.onDemandFallback ?? {}, {
      ...SPOT_CLUSTER_DEFAULTS.onDemandFallback,
      maxInstances: args.maxSize,
    }),
    tags: args.tags ?? {},
    transform: args.transform ?? {},
  };
}

/**
 * Another security group takes another cluster, with a group of instances and services of its own beside the old ones: the old
 * instances keep the old security group for as long as they run, and the load balancers' way to them must stay open.
 */
function makeCluster(
  name: string,
  { containerInsights, tags, transform }: ReturnType<typeof resolve>,
  securityGroup: aws.ec2.SecurityGroup,
  parent: pulumi.Resource,
): aws.ecs.Cluster {
  const args: aws.ecs.ClusterArgs = { settings: [{ name: "containerInsights", value: containerInsights }], tags };
  const options = { parent, replacementTrigger: securityGroup.id, deleteBeforeReplace: false };
  return new aws.ecs.Cluster(name, transformed(args, transform.cluster), options);
}

function userData(cluster: aws.ecs.Cluster, settings: ReturnType<typeof resolve>): pulumi.Output<string> {
  const { registryCredentialsSecretArn, stopTimeoutSeconds, imagePullBehavior } = settings;
  return pulumi
    .all([cluster.name, registryCredentialsSecretArn])
    .apply(([clusterName, secretArn]) =>
      renderUserData({ clusterName, stopTimeoutSeconds, imagePullBehavior, registryCredentialsSecretArn: secretArn }),
    );
}
