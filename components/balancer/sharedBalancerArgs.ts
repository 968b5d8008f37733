/** What a SharedBalancer takes; the rest of it has the defaults of a service's own load balancer. */
import type * as pulumi from "@pulumi/pulumi";
import type { BalancerArgs, BalancerTransforms } from "./balancerArgs";
import type { SpotCluster } from "../spotCluster";

export interface SharedBalancerArgs extends BalancerArgs {
  /** The cluster of every service behind it. */
  cluster: SpotCluster;
  /** On every resource. @default none */
  tags?: Record<string, pulumi.Input<string>>;
  /** Changes a child's args before it is declared. @default none */
  transform?: BalancerTransforms;
}
