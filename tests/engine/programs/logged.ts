/** A service whose load balancer logs as the configuration says, if at all. */
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../../components/balancedService";
import type { AccessLogs } from "../../../components/balancer/balancerArgs";
import { SpotCluster } from "../../../components/spotCluster";
import { API, SHOP } from "./shop";

const config = new pulumi.Config("logged");

const cluster = new SpotCluster("shop", SHOP);

new BalancedService("api", {
  cluster,
  ...API,
  accessLogs: config.getObject<AccessLogs>("accessLogs"),
});
