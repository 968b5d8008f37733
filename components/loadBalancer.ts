/** The load balancer of a service, with its target group and listeners. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { elbName } from "./names";
import { makeLoadBalancerSecurityGroup, type LoadBalancerSecurityGroup } from "./securityGroups";
import { CLUSTER_TAG } from "./tags";
import { transformed, type Transform } from "./transform";

export interface LoadBalancerSettings {
  readonly clusterName: pulumi.Input<string>;
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  /** The instances' security group. */
  readonly instances: aws.ec2.SecurityGroup;
  readonly certificateArn?: pulumi.Input<string>;
  readonly internal: boolean;
  readonly clientCidrs: readonly string[];
  readonly deregistrationDelaySeconds: number;
  readonly healthCheckPath: string;
  readonly healthCheckIntervalSeconds: number;
  readonly healthCheckTimeoutSeconds: number;
  readonly healthyThresholdCount: number;
  readonly unhealthyThresholdCount: number;
  readonly healthCheckMatcher: string;
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: {
    readonly loadBalancer?: Transform<aws.lb.LoadBalancerArgs>;
    readonly targetGroup?: Transform<aws.lb.TargetGroupArgs>;
    readonly listener?: Transform<aws.lb.ListenerArgs>;
    readonly securityGroup?: Transform<aws.ec2.SecurityGroupArgs>;
  };
}

export interface LoadBalancer {
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly targetGroup: aws.lb.TargetGroup;
  readonly listeners: readonly aws.lb.Listener[];
  readonly securityGroup: LoadBalancerSecurityGroup;
  readonly url: pulumi.Output<string>;
}

/** TLS 1.3, and 1.2 for clients without it.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06";

export function makeLoadBalancer(name: string, settings: LoadBalancerSettings, parent: pulumi.Resource): LoadBalancer {
  const { certificateArn, transform } = settings;
  const ports = certificateArn === undefined ? [80] : [80, 443];
  const securityGroup = makeLoadBalancerSecurityGroup(
    name,
    { ...settings, ports, transform: transform?.securityGroup },
    parent,
  );
  const balancerArgs = transformed(loadBalancerArgs(settings, securityGroup), transform?.loadBalancer);
  const groupArgs = transformed(targetGroupArgs(settings), transform?.targetGroup);
  const replacementTrigger = replacedTogether(balancerArgs, groupArgs);
  const options = { parent, replacementTrigger, deleteBeforeReplace: false };
  const loadBalancer = new aws.lb.LoadBalancer(elbName(`${name}-alb`), balancerArgs, {
    ...options,
    // A balancer without its way to the instances would answer with errors.
    dependsOn: [...securityGroup.rules],
  });
  const targetGroup = new aws.lb.TargetGroup(elbName(`${name}-targets`), groupArgs, options);
  const listeners = makeListeners(name, settings, loadBalancer, targetGroup, parent);
  const url = pulumi.interpolate`${certificateArn === undefined ? "http" : "https"}://${loadBalancer.dnsName}`;
  return { loadBalancer, targetGroup, listeners, securityGroup, url };
}

/**
 * What replaces a load balancer or a target group, as one value, so that either replaces both. A target group can't be behind two
 * load balancers, and a listener that moved to a new, empty one would answer with errors until the tasks have followed.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
function replacedTogether(balancer: aws.lb.LoadBalancerArgs, group: aws.lb.TargetGroupArgs): pulumi.Output<unknown> {
  const { name, namePrefix, internal, loadBalancerType } = balancer;
  const { port, protocol, targetType, vpcId } = group;
  const named = { name, namePrefix, groupName: group.name, groupNamePrefix: group.namePrefix };
  return pulumi.output({ ...named, internal, loadBalancerType, port, protocol, targetType, vpcId });
}

function loadBalancerArgs(
  { internal, subnetIds, tags }: LoadBalancerSettings,
  securityGroup: LoadBalancerSecurityGroup,
): aws.lb.LoadBalancerArgs {
  return {
    loadBalancerType: "application",
    internal,
    subnets: subnetIds,
    securityGroups: [securityGroup.group.id],
    dropInvalidHeaderFields: true,
    tags,
  };
}

function targetGroupArgs(settings: LoadBalancerSettings): aws.lb.TargetGroupArgs {
  return {
    vpcId: settings.vpcId,
    targetType: "instance",
    protocol: "HTTP",
    // ECS registers each task with its dynamic port. A fixed one here, because a changed port replaces the group.
    port: 80,
    deregistrationDelay: settings.deregistrationDelaySeconds,
    healthCheck: {
      path: settings.healthCheckPath,
      port: "traffic-port",
      protocol: "HTTP",
      interval: settings.healthCheckIntervalSeconds,
      timeout: settings.healthCheckTimeoutSeconds,
      healthyThreshold: settings.healthyThresholdCount,
      unhealthyThreshold: settings.unhealthyThresholdCount,
      matcher: settings.healthCheckMatcher,
    },
    // The drain function may deregister the targets of its own cluster only.
    tags: { ...settings.tags, [CLUSTER_TAG]: settings.clusterName },
  };
}

function makeListeners(
  name: string,
  { certificateArn, tags, transform }: LoadBalancerSettings,
  loadBalancer: aws.lb.LoadBalancer,
  targetGroup: aws.lb.TargetGroup,
  parent: pulumi.Resource,
): aws.lb.Listener[] {
  const forward = { type: "forward", targetGroupArn: targetGroup.arn };
  const redirect = { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } };
  const common = { loadBalancerArn: loadBalancer.arn, tags };
  const make = (part: string, args: aws.lb.ListenerArgs, dependsOn: pulumi.Resource[] = []): aws.lb.Listener =>
    new aws.lb.Listener(`${name}-${part}`, transformed(args, transform?.listener), { parent, dependsOn });
  const http = { ...common, port: 80, protocol: "HTTP" };
  if (certificateArn === undefined) return [make("http", { ...http, defaultActions: [forward] })];
  const https = { ...common, port: 443, protocol: "HTTPS", sslPolicy: TLS_POLICY, certificateArn };
  const secure = make("https", { ...https, defaultActions: [forward] });
  // Where HTTP was served before, it redirects only once there is something to redirect to.
  return [secure, make("http", { ...http, defaultActions: [redirect] }, [secure])];
}
