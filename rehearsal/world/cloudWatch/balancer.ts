/** A load balancer's and a target group's dimensions, as CloudWatch spells them. */
import type { World } from "../world";

/** `targetgroup/name/id`, the last part of its ARN. */
export const targetGroupDimension = (targetGroupArn: string): string => targetGroupArn.split(":").at(-1)!;

/** `app/name/id`: what follows `loadbalancer/` in its ARN. */
export const loadBalancerDimension = (loadBalancerArn: string): string =>
  loadBalancerArn.slice(loadBalancerArn.indexOf("loadbalancer/") + "loadbalancer/".length);

/** The dimensions of what a balancer counts for one target group; without a balancer where no listener forwards to the group. */
export function balancerDimensions(
  targetGroupArn: string,
  world: Pick<World, "loadBalancers">,
): { readonly TargetGroup: string; readonly LoadBalancer?: string } {
  const TargetGroup = targetGroupDimension(targetGroupArn);
  const loadBalancerArn = world.loadBalancers.get(targetGroupArn);
  return loadBalancerArn === undefined
    ? { TargetGroup }
    : { TargetGroup, LoadBalancer: loadBalancerDimension(loadBalancerArn) };
}
