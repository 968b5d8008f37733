import type { Resource } from "../monitor";
import { block, list, text, type Inputs } from "../read";
import type { Deployment, Reader } from "./reader";

/**
 * The load goes to a service's target group whatever the listener's rules; what is read is whose balancer a target group is, for
 * the balancer's metrics.
 */
export const readListener: Reader = ({ inputs }, { world }) => {
  forwards(list(inputs.defaultActions), text(inputs.loadBalancerArn), world);
};

export const readListenerRule: Reader = (resource, { program, world }) => {
  const listener = program.named("aws:lb/listener:Listener", resource.inputs.listenerArn);
  if (listener !== undefined) forwards(list(resource.inputs.actions), balancerOf(listener), world);
};

const balancerOf = ({ inputs }: Resource): string => text(inputs.loadBalancerArn);

function forwards(actions: readonly Inputs[], loadBalancerArn: string, world: Deployment["world"]): void {
  for (const { targetGroupArn, forward } of actions) {
    const weighted = list(block(forward).targetGroups).map(({ arn }) => arn);
    for (const arn of [targetGroupArn, ...weighted]) {
      if (typeof arn === "string") world.loadBalancers.set(arn, loadBalancerArn);
    }
  }
}
