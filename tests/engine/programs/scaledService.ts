/** A service whose desired count something else sets, on a cluster of defaults. */
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../../components/balancedService";
import { SpotCluster } from "../../../components/spotCluster";
import { GIVEN_VPC } from "../support/networks";

const cluster = new SpotCluster("shop", {
  ...GIVEN_VPC,
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
