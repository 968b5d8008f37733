/** A cluster with a service whose names come from the configuration: those of the components, and AWS's own of each child. */
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../../components/balancedService";
import { SpotCluster } from "../../../components/spotCluster";
import { renamed } from "./names";
import { API, SHOP } from "./shop";

const config = new pulumi.Config("names");

const cluster = new SpotCluster(config.get("clusterComponent") ?? "shop", {
  ...SHOP,
  transform: {
    cluster: renamed("cluster"),
    securityGroup: renamed("instanceSecurityGroup"),
    instanceRole: renamed("instanceRole"),
    launchTemplate: renamed("launchTemplate"),
    autoScalingGroup: renamed("autoScalingGroup"),
    capacityProvider: renamed("capacityProvider"),
    drainFunction: renamed("drainFunction"),
  },
});

export const url = new BalancedService(config.get("serviceComponent") ?? "api", {
  cluster,
  ...API,
  transform: {
    loadBalancer: renamed("loadBalancer"),
    targetGroup: renamed("targetGroup"),
    securityGroup: renamed("loadBalancerSecurityGroup"),
    taskDefinition: renamed("taskDefinition", "family"),
    taskRole: renamed("taskRole"),
    executionRole: renamed("executionRole"),
    service: renamed("service"),
  },
}).url;
