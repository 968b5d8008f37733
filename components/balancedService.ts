/**
 * A web service behind an Application Load Balancer, on a SpotCluster.
 *
 * @example
 * const api = new BalancedService("api", { cluster, image, containerPort: 3000, cpu: 512, memoryReservationMiB: 512, certificateArn });
 * export const url = api.url;
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { makeServiceAlarms, type Alarms } from "./watch/alarms";
import { BALANCED_SERVICE_DEFAULTS, type BalancedServiceArgs } from "./balancedServiceArgs";
import { balancedServiceProblems } from "./balancedServiceProblems";
import { idleTimeoutFor } from "./balancer/balancerArgs";
import { usesSpot } from "./service/capacityStrategy";
import { withDefaults } from "./defaults";
import { makeLoadBalancer, makeRoutes, type LoadBalancer } from "./balancer/loadBalancer";
import { balancerSubnets } from "./balancer/loadBalancerFront";
import { nameProblems } from "./names";
import { throwProblems } from "./problems";
import { makeScaling, type Scaling } from "./scaling/scaling";
import { requestsPace } from "./scaling/scaleInRequests";
import { fewestTasks, longestPatience, scaleInOf } from "./scaling/scalingResolved";
import { serviceInputs } from "./service/service";
import { withMovesTag, type ServiceMoves } from "./service/serviceMoves";
import { mainStopTimeoutSeconds } from "./service/serviceProblems";
import { makeTask, type Task } from "./task/task";
import { transformed } from "./transform";

/** @throws InputProblemsError that lists every problem of the args and of the time budget, before any resource is declared. */
export class BalancedService extends pulumi.ComponentResource {
  readonly balancer: LoadBalancer;
  readonly task: Task;
  readonly service: aws.ecs.Service;
  /** What sends requests to it: names of its own load balancer, or rules of a shared one. */
  readonly routes: readonly (aws.route53.Record | aws.lb.ListenerRule)[];
  /** Where its number of tasks follows the load. */
  readonly scaling?: Scaling;
  /** Where the cluster has alarms. */
  readonly alarms?: Alarms;
  /** `https://…` with a certificate, else `http://…`, of its first domain name or host, else of the load balancer's own name. */
  readonly url: pulumi.Output<string>;
  readonly serviceArn: pulumi.Output<string>;
  readonly serviceName: pulumi.Output<string>;
  readonly clusterName: pulumi.Output<string>;

  constructor(name: string, args: BalancedServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster } = args;
    throwProblems(`BalancedService ${name}`, [...nameProblems(name), ...balancedServiceProblems(args, cluster, name)]);
    super("spotproof:components:BalancedService", name, {}, opts);
    const settings = resolve(name, args);
    const { architecture } = cluster;
    const balancerSettings = { ...settings, ...place(settings) };
    this.balancer = makeLoadBalancer(name, balancerSettings, this);
    this.task = makeTask(name, { ...settings, architecture, cluster: cluster.cluster }, this);
    this.service = this.makeService(name, settings);
    this.routes = makeRoutes(name, balancerSettings, this.balancer, this.service, this);
    this.scaling = this.makeScaling(name, settings);
    this.alarms = this.makeAlarms(name, settings);
    cluster.dashboard?.add({ ...this, bounds: settings.scaling, scaleIn: this.scaling?.scaleIn });
    this.url = this.balancer.url;
    this.serviceArn = this.service.arn;
    this.serviceName = this.service.name;
    this.clusterName = cluster.cluster.name;
    warnOfLongRequests(name, settings, this);
    const { url, serviceArn, serviceName, clusterName } = this;
    this.registerOutputs({ url, serviceArn, serviceName, clusterName });
  }

  private makeService(name: string, settings: Settings): aws.ecs.Service {
    const { cluster, containerPort, healthCheckGracePeriodSeconds, externallyScaled, scaling, transform } = settings;
    const targetGroupArn = this.balancer.targetGroup.arn;
    const args: aws.ecs.ServiceArgs = {
      ...serviceInputs(settings, this.task),
      tags: withMovesTag(settings.tags, movesOf(settings)),
      loadBalancers: [{ targetGroupArn, containerName: name, containerPort }],
      healthCheckGracePeriodSeconds,
    };
    // The listener: ECS refuses a target group that no load balancer uses. The association: else the provider couldn't be deleted.
    const dependsOn = [...cluster.ready, ...this.balancer.ready];
    const ignoreChanges = externallyScaled || scaling ? ["desiredCount"] : [];
    // Another target group takes another service: moved in place, ECS would empty the old group before requests go to the new one.
    const options = {
      parent: this,
      dependsOn,
      deleteBeforeReplace: false,
      ignoreChanges,
      replacementTrigger: targetGroupArn,
    };
    return new aws.ecs.Service(name, transformed(args, transform.service), options);
  }

  private makeScaling(name: string, { cluster, scaling, ...settings }: Settings): Scaling | undefined {
    if (!scaling) return undefined;
    const { service, balancer } = this;
    const { checkIntervalSeconds } = cluster;
    const facts = { cluster: cluster.cluster, checkIntervalSeconds, service, balancer };
    return makeScaling(name, { ...settings, ...facts, scaling }, this);
  }

  private makeAlarms(name: string, { cluster, ...settings }: Settings): Alarms | undefined {
    const { alarmTopicArn: topicArn } = cluster;
    if (!settings.alarms || topicArn === undefined) return undefined;
    const { service } = this;
    const { desiredCount, scaling, transform } = settings;
    const watched = {
      cluster: cluster.cluster,
      service,
      balancer: { ...this.balancer, isShared: settings.balancer !== undefined },
      fewestTasks: scaling ? fewestTasks(scaling) : desiredCount,
      scaleIn: this.scaling?.scaleIn,
    };
    return makeServiceAlarms(name, { ...settings, ...watched, topicArn, transform: transform.alarm }, this);
  }
}

type Settings = ReturnType<typeof resolve>;

/** As its scale-in function does, or would. */
function movesOf({ cluster, scaling, ...settings }: Settings): ServiceMoves {
  const { checkIntervalSeconds } = cluster;
  const facts = { ...settings, checkIntervalSeconds, hasBalancer: true };
  const scaledIn = scaling && scaleInOf(scaling, facts);
  const patience = scaledIn?.by === "function" ? scaledIn.tiers.workPatienceSeconds : longestPatience(facts);
  return { ...settings, pace: requestsPace(facts), workPatienceSeconds: patience };
}

function resolve(name: string, args: BalancedServiceArgs) {
  const stopTimeoutSeconds = mainStopTimeoutSeconds(name, args, args.cluster);
  const { desiredCount = args.scaling?.minCount } = args;
  return {
    ...withDefaults({ ...args, desiredCount }, BALANCED_SERVICE_DEFAULTS),
    stopTimeoutSeconds,
    idleTimeoutSeconds: args.idleTimeoutSeconds ?? idleTimeoutFor(args.longestRequestSeconds),
    tags: args.tags ?? {},
    transform: args.transform ?? {},
  };
}

function place(settings: Settings) {
  const { cluster } = settings;
  return {
    vpcId: cluster.network.vpcId,
    subnetIds: balancerSubnets(cluster.network, settings),
    instances: cluster.securityGroup,
    clusterName: cluster.cluster.name,
  };
}

/** What no handling of an interruption can save. */
function warnOfLongRequests(name: string, settings: Settings, service: BalancedService): void {
  const { longestRequestSeconds = 0, deregistrationDelaySeconds, stopTimeoutSeconds, capacity } = settings;
  const seconds = deregistrationDelaySeconds + stopTimeoutSeconds;
  if (longestRequestSeconds <= seconds || !usesSpot(capacity)) return;
  const message =
    `BalancedService ${name}: longestRequestSeconds is ${longestRequestSeconds}, but a request has ${seconds} s after a Spot ` +
    `notice (deregistrationDelaySeconds ${deregistrationDelaySeconds} + stopTimeoutSeconds ${stopTimeoutSeconds}): give ` +
    `capacity: "onDemand", or let clients resume or repeat what was cut off`;
  void pulumi.log.warn(message, service);
}
