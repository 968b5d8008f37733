/**
 * A web service behind an Application Load Balancer, on a SpotCluster.
 *
 * @example
 * const api = new BalancedService("api", { cluster, image, containerPort: 3000, cpu: 512, memoryReservationMiB: 512, certificateArn });
 * export const url = api.url;
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { BALANCED_SERVICE_DEFAULTS, type BalancedServiceArgs } from "./balancedServiceArgs";
import { balancedServiceProblems, rebalancingFits } from "./balancedServiceProblems";
import { withDefaults } from "./defaults";
import { makeLoadBalancer, type LoadBalancer } from "./loadBalancer";
import { nameProblems } from "./names";
import { throwProblems } from "./problems";
import { makeTask, type Task } from "./task";
import { transformed } from "./transform";

/** @throws InputProblemsError that lists every problem of the args and of the time budget, before any resource is declared. */
export class BalancedService extends pulumi.ComponentResource {
  readonly balancer: LoadBalancer;
  readonly task: Task;
  readonly service: aws.ecs.Service;
  /** `https://…` with a certificate, else `http://…`, of the load balancer's own name. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: BalancedServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster } = args;
    throwProblems(`BalancedService ${name}`, [...nameProblems(name), ...balancedServiceProblems(args, cluster)]);
    super("spotproof:components:BalancedService", name, {}, opts);
    const settings = resolve(args);
    this.balancer = makeLoadBalancer(name, { ...settings, ...place(settings) }, this);
    this.task = makeTask(name, { ...settings, cluster: cluster.cluster }, this);
    // The listener: ECS refuses a target group that no load balancer uses. The association: else the provider couldn't be deleted.
    const dependsOn = [...cluster.ready, ...this.balancer.listeners, ...this.balancer.securityGroup.rules];
    const serviceArgs = transformed(this.serviceArgs(name, settings), settings.transform.service);
    const ignoreChanges = settings.externallyScaled ? ["desiredCount"] : [];
    const options = { parent: this, dependsOn, deleteBeforeReplace: false, ignoreChanges };
    this.service = new aws.ecs.Service(name, serviceArgs, options);
    this.url = this.balancer.url;
    this.registerOutputs({ url: this.url, serviceName: this.service.name });
  }

  private serviceArgs(name: string, settings: Settings): aws.ecs.ServiceArgs {
    const { cluster, containerPort, tags } = settings;
    return {
      cluster: cluster.cluster.arn,
      taskDefinition: this.task.definition.arn,
      desiredCount: settings.desiredCount,
      capacityProviderStrategies: [{ capacityProvider: cluster.capacity.capacityProvider.name, weight: 100 }],
      // ECS takes a changed strategy only with a new deployment.
      forceNewDeployment: true,
      loadBalancers: [{ targetGroupArn: this.balancer.targetGroup.arn, containerName: name, containerPort }],
      healthCheckGracePeriodSeconds: settings.healthCheckGracePeriodSeconds,
      deploymentMinimumHealthyPercent: settings.minimumHealthyPercent,
      deploymentMaximumPercent: settings.maximumPercent,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      orderedPlacementStrategies: settings.placementStrategies.map((strategy) => ({ ...strategy })),
      availabilityZoneRebalancing: settings.availabilityZoneRebalancing,
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
      waitForSteadyState: settings.waitForSteadyState,
      tags,
    };
  }
}

type Settings = ReturnType<typeof resolve>;

function resolve(args: BalancedServiceArgs) {
  const defaults = {
    ...BALANCED_SERVICE_DEFAULTS,
    stopTimeoutSeconds: args.cluster.stopTimeoutSeconds,
    availabilityZoneRebalancing: rebalancingFits(args) ? "ENABLED" : "DISABLED",
  };
  return { ...withDefaults(args, defaults), tags: args.tags ?? {}, transform: args.transform ?? {} };
}

function place({ cluster, internal, loadBalancerSubnetIds }: Settings) {
  const { vpcId, subnetIds, publicSubnetIds } = cluster.network;
  const ofCluster = internal ? subnetIds : (publicSubnetIds ?? subnetIds);
  return {
    vpcId,
    subnetIds: loadBalancerSubnetIds ?? ofCluster,
    instances: cluster.securityGroup,
    clusterName: cluster.cluster.name,
  };
}
