/** A service whose desired count something else sets, on a cluster of defaults. */
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../../components/balancedService";
import { SpotCluster } from "../../../components/spotCluster";
import { API, SHOP } from "./shop";

const cluster = new SpotCluster("shop", SHOP);

new BalancedService("api", {
  cluster,
  ...API,
  image: new pulumi.Config("spotproof").require("image"),
  desiredCount: 6,
  externallyScaled: true,
});
