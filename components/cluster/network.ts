/** Where a cluster's instances run: a VPC given by ids, or one made here. */
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import { transformed, type Transform } from "../transform";

export interface Network {
  readonly vpcId: pulumi.Output<string>;
  /** Of the instances. */
  readonly subnetIds: pulumi.Output<string[]>;
  /** Of internet-facing load balancers; only known where the VPC was made here. */
  readonly publicSubnetIds?: pulumi.Output<string[]>;
  readonly vpc?: awsx.ec2.Vpc;
}

export const NAT_GATEWAY_STRATEGIES = ["OnePerAz", "Single"] as const;
export type NatGatewayStrategy = (typeof NAT_GATEWAY_STRATEGIES)[number];

export interface NetworkSettings {
  readonly vpcId?: pulumi.Input<string>;
  readonly subnetIds?: pulumi.Input<pulumi.Input<string>[]>;
  readonly availabilityZoneCount: number;
  readonly natGatewayStrategy: NatGatewayStrategy;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  readonly transform?: Transform<awsx.ec2.VpcArgs>;
}

/** A new VPC has a public and a private subnet per Availability Zone; the instances run in the private ones. */
export function resolveNetwork(name: string, settings: NetworkSettings, parent: pulumi.Resource): Network {
  if (settings.vpcId !== undefined && settings.subnetIds !== undefined) {
    return { vpcId: pulumi.output(settings.vpcId), subnetIds: pulumi.output(settings.subnetIds) };
  }
  const args: awsx.ec2.VpcArgs = {
    numberOfAvailabilityZones: settings.availabilityZoneCount,
    natGateways: { strategy: settings.natGatewayStrategy },
    enableDnsHostnames: true,
    subnetStrategy: "Auto",
    tags: settings.tags,
  };
  const vpc = new awsx.ec2.Vpc(`${name}-vpc`, transformed(args, settings.transform), { parent });
  return { vpcId: vpc.vpcId, subnetIds: vpc.privateSubnetIds, publicSubnetIds: vpc.publicSubnetIds, vpc };
}
