/** A cluster with a service whose names come from the configuration: those of the components, and AWS's own of each child. */
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../../components/balancedService";
import { SpotCluster } from "../../../components/spotCluster";
import { GIVEN_VPC } from "../support/networks";

const config = new pulumi.Config("names");

/** Gives a child the name that the configuration has for it. */
const renamed =
  (child: string) =>
  <Args extends object>(args: Args): Args => {
    const name = config.get(child);
    return name === undefined ? args : { ...args, [child === "taskDefinition" ? "family" : "name"]: name };
  };

const cluster = new SpotCluster(config.get("clusterComponent") ?? "shop", {
  ...GIVEN_VPC,
  instanceTypes: ["m5.large", "m5a.large", "m6i.large"],
  minSize: 2,
  maxSize: 10,
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
  image: "public.ecr.aws/nginx/nginx:1.29.3",
  containerPort: 80,
  cpu: 256,
  memoryReservationMiB: 256,
  transform: {
    loadBalancer: renamed("loadBalancer"),
    targetGroup: renamed("targetGroup"),
    securityGroup: renamed("loadBalancerSecurityGroup"),
    taskDefinition: renamed("taskDefinition"),
    taskRole: renamed("taskRole"),
    executionRole: renamed("executionRole"),
    service: renamed("service"),
  },
}).url;
