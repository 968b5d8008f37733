/** A VPC and its parts. A subnet can't go while a load balancer, a NAT gateway or an instance has an interface in it. */
import type { Account, Entry } from "../account";
import { valuesAt, type ResourceType } from "../resourceType";

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const GATEWAY = "aws:ec2/internetGateway:InternetGateway";
const NAT_GATEWAY = "aws:ec2/natGateway:NatGateway";
const ROUTE_TABLE = "aws:ec2/routeTable:RouteTable";
const ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";

/** Refuses to delete what something of these types still names in that property. */
const whileNamed =
  (users: readonly (readonly [type: string, path: string])[]) =>
  ({ id, region }: Entry, account: Account): string | undefined => {
    const user = users.find(([type, path]) =>
      account.all(type, region).some(({ props }) => valuesAt(props, path).includes(id)),
    );
    return user && `DependencyViolation: ${id} has dependencies and cannot be deleted: ${user[0]}`;
  };

const none = (): Record<string, never> => ({});

export const VPC_TYPES: readonly ResourceType[] = [
  {
    type: VPC,
    replacedBy: ["cidrBlock"],
    outputs: none,
    refusesDelete: whileNamed([
      [SUBNET, "vpcId"],
      [GATEWAY, "vpcId"],
      [ROUTE_TABLE, "vpcId"],
      ["aws:ec2/securityGroup:SecurityGroup", "vpcId"],
    ]),
  },
  {
    type: SUBNET,
    replacedBy: ["availabilityZone", "cidrBlock", "vpcId"],
    outputs: none,
    refusesDelete: whileNamed([
      [NAT_GATEWAY, "subnetId"],
      ["aws:lb/loadBalancer:LoadBalancer", "subnets"],
      ["aws:autoscaling/group:Group", "vpcZoneIdentifiers"],
    ]),
  },
  {
    type: GATEWAY,
    replacedBy: [],
    outputs: none,
    // Public addresses in the VPC need it.
    refusesDelete: ({ region, props }, account) => {
      const subnets = account.all(SUBNET, region).filter((subnet) => subnet.props.vpcId === props.vpcId);
      const inUse = account.all(NAT_GATEWAY, region).some((nat) => subnets.some(({ id }) => id === nat.props.subnetId));
      return inUse
        ? "DependencyViolation: Network has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
        : undefined;
    },
  },
  {
    type: "aws:ec2/eip:Eip",
    replacedBy: [],
    outputs: (_, { serial }) => ({ allocationId: `eipalloc-${serial}` }),
    id: "allocationId",
    refusesDelete: whileNamed([[NAT_GATEWAY, "allocationId"]]),
  },
  { type: NAT_GATEWAY, replacedBy: ["allocationId", "subnetId"], outputs: none },
  {
    type: ROUTE_TABLE,
    replacedBy: ["vpcId"],
    outputs: none,
    refusesDelete: whileNamed([[ASSOCIATION, "routeTableId"]]),
  },
  { type: "aws:ec2/route:Route", replacedBy: ["routeTableId", "destinationCidrBlock"], outputs: none },
  { type: ASSOCIATION, replacedBy: ["subnetId"], outputs: none },
];
