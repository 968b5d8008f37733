import { TargetGroup } from "../../world/elb/targetGroup";
import { block, number, strings, text } from "../read";
import type { Reader } from "./reader";

/** AWS's defaults: deregistration delay 300 s; checks every 30 s, timeout 5 s, thresholds 5 and 2 (semantics §6). */
export const readTargetGroup: Reader = ({ inputs, outputs }, { world }) => {
  const check = block(inputs.healthCheck);
  const spec = {
    name: text(outputs.name),
    arn: text(outputs.arn),
    deregistrationDelayMs: number(inputs.deregistrationDelay, 300) * 1000,
    healthCheck: {
      intervalMs: number(check.interval, 30) * 1000,
      timeoutMs: number(check.timeout, 5) * 1000,
      healthyThreshold: number(check.healthyThreshold, 5),
      unhealthyThreshold: number(check.unhealthyThreshold, 2),
    },
    tags: strings(inputs.tags),
  };
  const network = {
    probe: (instanceId: string, port: number) => {
      const instance = world.ec2.living.get(instanceId);
      if (instance === undefined) return "dead" as const;
      for (const { life } of world.clusters.values()) {
        const task = life.behind(instanceId, port);
        if (task !== undefined) return life.answers(task) ? ("serving" as const) : ("refusing" as const);
      }
      return "refusing" as const;
    },
  };
  world.targetGroups.set(spec.arn, new TargetGroup(spec, world.context, network));
};
