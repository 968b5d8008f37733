/** A service whose desired count something else sets, on a cluster of defaults. */
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../../components/balancedService";
import { SpotCluster } from "../../../components/spotCluster";
import { API, SHOP } from "./shop";

const config = new pulumi.Config("spotproof");
const cluster = new SpotCluster("shop", { ...SHOP, tags: config.getObject("tags") });

new BalancedService("api", {
  cluster,
  ...API,
  image: config.require("image"),
  desiredCount: 6,
  externallyScaled: true,
});
