/** The network: a VPC made by the cluster, and the security groups. */
import { ec2, ec2Arn, type Row, type Rows } from "./actions";

/** Tags are set with the resource and changed later. */
const TAG = ec2("CreateTags DeleteTags");

const part = (kind: string, row: Omit<Row, "resources"> & { readonly on?: readonly string[] }): Row => {
  const { on = [], ...rest } = row;
  return { ...rest, resources: [kind, ...on].map(ec2Arn), update: [...(row.update ?? []), ...TAG] };
};

const rule = (direction: "Egress" | "Ingress"): Row =>
  part("security-group-rule", {
    on: ["security-group"],
    create: ec2(`AuthorizeSecurityGroup${direction}`),
    read: ec2("DescribeSecurityGroupRules"),
    update: ec2("ModifySecurityGroupRules"),
    delete: ec2(`RevokeSecurityGroup${direction}`),
  });

export const NETWORK: Rows = {
  "aws:ec2/vpc:Vpc": part("vpc", {
    create: ec2("CreateVpc"),
    // The provider tells the default network ACL, route table and group of a new VPC.
    read: ec2(
      "DescribeAvailabilityZones DescribeVpcs DescribeVpcAttribute DescribeNetworkAcls DescribeRouteTables DescribeSecurityGroups",
    ),
    update: ec2("ModifyVpcAttribute"),
    delete: ec2("DeleteVpc"),
  }),
  "aws:ec2/subnet:Subnet": part("subnet", {
    on: ["vpc"],
    create: ec2("CreateSubnet"),
    read: ec2("DescribeSubnets DescribeNetworkInterfaces"),
    update: ec2("ModifySubnetAttribute"),
    delete: ec2("DeleteSubnet"),
  }),
  "aws:ec2/internetGateway:InternetGateway": part("internet-gateway", {
    on: ["vpc"],
    create: ec2("CreateInternetGateway AttachInternetGateway"),
    read: ec2("DescribeInternetGateways"),
    delete: ec2("DetachInternetGateway DeleteInternetGateway"),
  }),
  "aws:ec2/routeTable:RouteTable": part("route-table", {
    on: ["vpc"],
    create: ec2("CreateRouteTable"),
    read: ec2("DescribeRouteTables"),
    delete: ec2("DeleteRouteTable"),
  }),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": part("route-table", {
    on: ["subnet"],
    create: ec2("AssociateRouteTable"),
    read: ec2("DescribeRouteTables"),
    update: ec2("ReplaceRouteTableAssociation"),
    delete: ec2("DisassociateRouteTable"),
  }),
  "aws:ec2/route:Route": part("route-table", {
    create: ec2("CreateRoute"),
    read: ec2("DescribeRouteTables"),
    update: ec2("ReplaceRoute"),
    delete: ec2("DeleteRoute"),
  }),
  "aws:ec2/eip:Eip": part("elastic-ip", {
    on: ["network-interface"],
    create: ec2("AllocateAddress"),
    read: ec2("DescribeAddresses DescribeAddressesAttribute"),
    delete: ec2("DisassociateAddress ReleaseAddress"),
  }),
  "aws:ec2/natGateway:NatGateway": part("natgateway", {
    on: ["subnet", "elastic-ip"],
    create: ec2("CreateNatGateway"),
    read: ec2("DescribeNatGateways"),
    delete: ec2("DeleteNatGateway"),
  }),
  "aws:ec2/securityGroup:SecurityGroup": part("security-group", {
    on: ["vpc"],
    // EC2 gives a new group a rule that lets everything out; the provider takes it away.
    create: ec2("CreateSecurityGroup RevokeSecurityGroupEgress"),
    read: ec2("DescribeSecurityGroups DescribeSecurityGroupRules DescribeNetworkInterfaces"),
    delete: ec2("RevokeSecurityGroupIngress DeleteSecurityGroup"),
  }),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": rule("Egress"),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": rule("Ingress"),
};
