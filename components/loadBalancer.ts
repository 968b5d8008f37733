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
  const { certificateArn, transform, subnetIds, internal, tags } = settings;
  const ports = certificateArn === undefined ? [80] : [80, 443];
  const securityGroup = makeLoadBalancerSecurityGroup(
    name,
    { ...settings, ports, transform: transform?.securityGroup },
    parent,
  );
  const args: aws.lb.LoadBalancerArgs = {
    loadBalancerType: "application",
    internal,
    subnets: subnetIds,
    securityGroups: [securityGroup.group.id],
    dropInvalidHeaderFields: true,
    tags,
  };
  const loadBalancer = new aws.lb.LoadBalancer(elbName(`${name}-alb`), transformed(args, transform?.loadBalancer), {
    parent,
  });
  const targetGroup = makeTargetGroup(name, settings, parent);
  const listeners = makeListeners(name, settings, loadBalancer, targetGroup, parent);
  const url = pulumi.interpolate`${certificateArn === undefined ? "http" : "https"}://${loadBalancer.dnsName}`;
  return { loadBalancer, targetGroup, listeners, securityGroup, url };
}

function makeTargetGroup(name: string, settings: LoadBalancerSettings, parent: pulumi.Resource): aws.lb.TargetGroup {
  const args: aws.lb.TargetGroupArgs = {
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
  return new aws.lb.TargetGroup(elbName(`${name}-targets`), transformed(args, settings.transform?.targetGroup), {
    parent,
  });
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
  const make = (part: string, args: aws.lb.ListenerArgs): aws.lb.Listener =>
    new aws.lb.Listener(`${name}-${part}`, transformed(args, transform?.listener), { parent });
  const http = { ...common, port: 80, protocol: "HTTP" };
  if (certificateArn === undefined) return [make("http", { ...http, defaultActions: [forward] })];
  const https = { ...common, port: 443, protocol: "HTTPS", sslPolicy: TLS_POLICY, certificateArn };
  return [
    make("https", { ...https, defaultActions: [forward] }),
    make("http", { ...http, defaultActions: [redirect] }),
  ];
}
