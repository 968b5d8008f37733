/** Services behind one load balancer, as the configuration lists them. */
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../../components/balancedService";
import { SharedBalancer } from "../../../components/balancer/sharedBalancer";
import { SpotCluster } from "../../../components/spotCluster";
import { API, SHOP } from "./shop";

interface Service {
  readonly name: string;
  readonly paths: string[];
  readonly targetGroupName?: string;
}

const config = new pulumi.Config("shared");

const cluster = new SpotCluster("shop", SHOP);

const balancer = new SharedBalancer("front", {
  cluster,
  internal: config.getBoolean("internal"),
  domainNames: ["shop.example.com"],
  hostedZoneId: "Z0123456789ABCDEFGHIJ",
});

for (const { name, paths, targetGroupName } of config.requireObject<Service[]>("services")) {
  new BalancedService(name, {
    cluster,
    balancer,
    paths,
    ...API,
    transform: {
      targetGroup: (args) => (targetGroupName === undefined ? args : { ...args, name: targetGroupName }),
    },
  });
}
