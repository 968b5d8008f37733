/** Where a stack may run. */

export const GIVEN_VPC = {
  vpcId: "vpc-0f1e2d3c4b5a69788",
  subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-0b2c3d4e5f6071829"],
};

export const OWN_VPC = { vpcId: "", subnetIds: [] };
