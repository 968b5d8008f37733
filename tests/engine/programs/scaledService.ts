/** A service whose desired count something else sets, on a cluster of defaults. */
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../../components/balancedService";
import { SpotCluster } from "../../../components/spotCluster";

const cluster = new SpotCluster("shop", {
  vpcId: "vpc-0f1e2d3c4b5a69788",
  subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-0b2c3d4e5f6071829"],
  instanceTypes: ["m5.large", "m5a.large", "m6i.large"],
  minSize: 2,
  maxSize: 10,
});

new BalancedService("api", {
  cluster,
  image: new pulumi.Config("spotproof").require("image"),
  containerPort: 80,
  cpu: 256,
  memoryReservationMiB: 256,
  desiredCount: 6,
  externallyScaled: true,
});
