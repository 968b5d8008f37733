/** Who may talk to whom. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { isIpv6Range } from "../balancer/cidr";
import { transformed, type Transform } from "../transform";

/** Where Docker publishes dynamic host ports on Amazon Linux 2023.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html */
export const EPHEMERAL_PORTS = { fromPort: 32768, toPort: 60999 };

export interface SecurityGroupSettings {
  readonly vpcId: pulumi.Input<string>;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: Transform<aws.ec2.SecurityGroupArgs>;
}

export interface InstanceSecurityGroup {
  readonly group: aws.ec2.SecurityGroup;
  readonly egress: aws.vpc.SecurityGroupEgressRule;
}

/** The instances' group: everything out (images, AWS's endpoints), nothing in until a load balancer is admitted. */
export function makeInstanceSecurityGroup(
  name: string,
  settings: SecurityGroupSettings,
  parent: pulumi.Resource,
): InstanceSecurityGroup {
  const { vpcId, tags, transform } = settings;
  const args: aws.ec2.SecurityGroupArgs = { vpcId, description: `Container instances of ${name}`, tags };
  const group = new aws.ec2.SecurityGroup(`${name}-instances`, transformed(args, transform), { parent });
  const everything = {
    securityGroupId: group.id,
    ipProtocol: "-1",
    cidrIpv4: "0.0.0.0/0",
    description: "Images and the endpoints of AWS",
    tags,
  };
  const egress = new aws.vpc.SecurityGroupEgressRule(`${name}-instances-egress`, everything, { parent });
  return { group, egress };
}

export interface LoadBalancerSecurityGroupSettings extends SecurityGroupSettings {
  readonly instances: aws.ec2.SecurityGroup;
  readonly ports: readonly number[];
  /** Who may connect to the load balancer. */
  readonly clientCidrs: readonly string[];
}

export interface LoadBalancerSecurityGroup {
  readonly group: aws.ec2.SecurityGroup;
  /** Between the load balancer and the instances, both ways. */
  readonly rules: readonly pulumi.Resource[];
}

/** A load balancer's group: in from its clients, out to the instances' ephemeral ports only; and the instances admit it. */
export function makeLoadBalancerSecurityGroup(
  name: string,
  settings: LoadBalancerSecurityGroupSettings,
  parent: pulumi.Resource,
): LoadBalancerSecurityGroup {
  const { vpcId, tags, transform, instances, ports, clientCidrs } = settings;
  const args: aws.ec2.SecurityGroupArgs = { vpcId, description: `Load balancer of ${name}`, tags };
  const group = new aws.ec2.SecurityGroup(`${name}-alb`, transformed(args, transform), { parent });
  for (const port of ports) {
    for (const cidr of clientCidrs) {
      const clients = isIpv6Range(cidr) ? { cidrIpv6: cidr } : { cidrIpv4: cidr };
      const rule = { securityGroupId: group.id, ipProtocol: "tcp", fromPort: port, toPort: port, ...clients, tags };
      new aws.vpc.SecurityGroupIngressRule(`${name}-alb-ingress-${port}-${cidr}`, rule, { parent });
    }
  }
  const ephemeral = { ipProtocol: "tcp", ...EPHEMERAL_PORTS, tags };
  const out = { ...ephemeral, securityGroupId: group.id, referencedSecurityGroupId: instances.id };
  const into = {
    ...ephemeral,
    securityGroupId: instances.id,
    referencedSecurityGroupId: group.id,
    description: `Load balancer of ${name}`,
  };
  // Replaced, not changed: while one group takes another's place, the old way stays open beside the new one.
  const options = { parent, replaceOnChanges: ["referencedSecurityGroupId"] };
  return {
    group,
    rules: [
      new aws.vpc.SecurityGroupEgressRule(`${name}-alb-egress`, out, options),
      new aws.vpc.SecurityGroupIngressRule(`${name}-instances-ingress`, into, options),
    ],
  };
}
