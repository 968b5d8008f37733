/** @see https://www.pulumi.com/registry/packages/awsx/api-docs/ec2/vpc/ */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface VpcInputs {
  readonly numberOfAvailabilityZones: pulumi.Input<number>;
  readonly natGateways: pulumi.Input<{ readonly strategy: string }>;
  readonly tags?: pulumi.Input<Record<string, string>>;
}

/** A public and a private subnet in each zone; the private ones reach the internet through NAT gateways. */
export class Vpc extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly publicSubnetIds: pulumi.Output<string[]>;
  readonly privateSubnetIds: pulumi.Output<string[]>;

  constructor(name: string, inputs: VpcInputs, options: pulumi.ComponentResourceOptions) {
    super("awsx:ec2:Vpc", name, {}, options);
    const parent = { parent: this };
    const { tags } = inputs;
    const vpc = new aws.ec2.Vpc(name, { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true, tags }, parent);
    const gateway = new aws.ec2.InternetGateway(name, { vpcId: vpc.id, tags }, parent);
    const zones = aws.getAvailabilityZonesOutput({}, parent).names;
    const subnets = pulumi
      .all([zones, inputs.numberOfAvailabilityZones, inputs.natGateways])
      .apply(([names, count, { strategy }]) => {
        const chosen = names.slice(0, count);
        const publicOnes = chosen.map((zone, index) =>
          this.publicSubnet(`${name}-public-${index + 1}`, zone, 2 * index, vpc, gateway),
        );
        const gateways = publicOnes
          .slice(0, strategy === "Single" ? 1 : undefined)
          .map((subnet, index) => this.natGateway(`${name}-${index + 1}`, subnet));
        const privateOnes = chosen.map((zone, index) => {
          const nat = gateways[Math.min(index, gateways.length - 1)]!;
          return this.subnet(`${name}-private-${index + 1}`, zone, 2 * index + 1, vpc, { natGatewayId: nat.id });
        });
        return { publicOnes: publicOnes.map(({ id }) => id), privateOnes: privateOnes.map(({ id }) => id) };
      });
    this.vpcId = vpc.id;
    this.publicSubnetIds = subnets.apply(({ publicOnes }) => pulumi.all(publicOnes));
    this.privateSubnetIds = subnets.apply(({ privateOnes }) => pulumi.all(privateOnes));
    this.registerOutputs();
  }

  private publicSubnet(
    name: string,
    zone: string,
    index: number,
    vpc: aws.ec2.Vpc,
    { id }: aws.ec2.InternetGateway,
  ): aws.ec2.Subnet {
    return this.subnet(name, zone, index, vpc, { gatewayId: id });
  }

  private subnet(
    name: string,
    availabilityZone: string,
    index: number,
    { id: vpcId }: aws.ec2.Vpc,
    way: { gatewayId: pulumi.Output<string> } | { natGatewayId: pulumi.Output<string> },
  ): aws.ec2.Subnet {
    const parent = { parent: this };
    const subnet = new aws.ec2.Subnet(name, { vpcId, availabilityZone, cidrBlock: `10.0.${16 * index}.0/20` }, parent);
    const table = new aws.ec2.RouteTable(name, { vpcId }, { parent: subnet });
    new aws.ec2.Route(name, { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", ...way }, { parent: table });
    new aws.ec2.RouteTableAssociation(name, { routeTableId: table.id, subnetId: subnet.id }, { parent: table });
    return subnet;
  }

  private natGateway(name: string, subnet: aws.ec2.Subnet): aws.ec2.NatGateway {
    const address = new aws.ec2.Eip(name, {}, { parent: subnet });
    return new aws.ec2.NatGateway(
      name,
      { allocationId: address.allocationId, subnetId: subnet.id },
      { parent: subnet },
    );
  }
}
