/** Services behind load balancers, to change one thing at a time. */
import { BalancedService } from "../../components/balancedService";
import type { BalancedServiceArgs } from "../../components/balancedServiceArgs";
import { SharedBalancer } from "../../components/balancer/sharedBalancer";
import type { SharedBalancerArgs } from "../../components/balancer/sharedBalancerArgs";
import { SpotCluster } from "../../components/spotCluster";
import { CLUSTER, SERVICE } from "./fixtures";
import { record, recordFailure, type Recording } from "./recorder";

export type WebServiceArgs = Partial<Omit<BalancedServiceArgs, "cluster">>;

const declareWeb = (args: object): BalancedService =>
  new BalancedService("api", { ...SERVICE, ...args, cluster: new SpotCluster("shop", CLUSTER) });

/** A service named `api` with a load balancer of its own, on a cluster named `shop`. */
export function recordWeb(
  args: WebServiceArgs = {},
  inspect: (web: BalancedService) => unknown = () => undefined,
): Promise<Recording> {
  return record(() => inspect(declareWeb(args)));
}

/** What is said of its args. */
export async function refusalOf(args: object): Promise<string> {
  return (await recordFailure(() => declareWeb(args))).message;
}

export type Behind = Readonly<Record<string, WebServiceArgs>>;

/** Services by name, in order, behind one balancer named `front`. */
export function declareShared(services: Behind, args: Partial<SharedBalancerArgs> = {}): SharedBalancer {
  const cluster = new SpotCluster("shop", CLUSTER);
  const balancer = new SharedBalancer("front", { cluster, ...args });
  for (const [name, web] of Object.entries(services))
    new BalancedService(name, { ...SERVICE, balancer, cluster, ...web });
  return balancer;
}

export function recordShared(services: Behind, args: Partial<SharedBalancerArgs> = {}): Promise<Recording> {
  return record(() => declareShared(services, args));
}

export async function sharedRefusal(services: Behind, args: Partial<SharedBalancerArgs> = {}): Promise<string> {
  return (await recordFailure(() => declareShared(services, args))).message;
}
