/** What a balancer finds when it connects to a port of an instance. */
import type { Network } from "./elb/targetGroupSpec";
import type { World } from "./world";

export function networkOf(world: World): Network {
  return {
    probe: (instanceId, port) => {
      if (!world.ec2.living.has(instanceId)) return "dead";
      for (const { life } of world.clusters.values()) {
        const task = life.behind(instanceId, port);
        if (task !== undefined) return life.answers(task) ? "serving" : "refusing";
      }
      return "refusing";
    },
  };
}
