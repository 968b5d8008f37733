/** A cluster with a service whose names come from the configuration: those of the components, and AWS's own of each child. */
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../../components/balancedService";
import { SpotCluster } from "../../../components/spotCluster";

const config = new pulumi.Config("names");

/** Gives a child the name that the configuration has for it. */
const renamed =
  (child: string) =>
  <Args extends object>(args: Args): Args => {
    const name = config.get(child);
    return name === undefined ? args : { ...args, [child === "taskDefinition" ? "family" : "name"]: name };
  };

const cluster = new SpotCluster(config.get("clusterComponent") ?? "shop", {
  vpcId: "vpc-0f1e2d3c4b5a69788",
  subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-0b2c3d4e5f6071829"],
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
