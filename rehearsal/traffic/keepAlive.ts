/** Requests that meet a connection which their server is just closing. */
import type { ContainerProfile } from "../inputs/profile";
import { ELB } from "../world/constants";

/**
 * The balancer uses a connection again that was idle; a server that closes idle ones before the balancer does closes some of
 * them just then, and the client gets a 502.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
export function closingShare({ keepAliveSeconds }: ContainerProfile): number {
  return keepAliveSeconds !== undefined && keepAliveSeconds * 1000 <= ELB.idleTimeoutMs ? ELB.closedAsUsed : 0;
}
