import { TargetGroup } from "../../world/elb/targetGroup";
import { networkOf } from "../../world/network";
import { block, number, strings, text } from "../read";
import type { Reader } from "./reader";

/** AWS's defaults: deregistration delay 300 s; checks every 30 s, timeout 6 s (HTTPS: 10 s), thresholds 5 and 2 (semantics §6). */
export const readTargetGroup: Reader = ({ inputs, outputs }, { world }) => {
  const check = block(inputs.healthCheck);
  const spec = {
    name: text(outputs.name),
    arn: text(outputs.arn),
    deregistrationDelayMs: number(inputs.deregistrationDelay, 300) * 1000,
    healthCheck: {
      intervalMs: number(check.interval, 30) * 1000,
      timeoutMs: number(check.timeout, inputs.protocol === "HTTPS" ? 10 : 6) * 1000,
      healthyThreshold: number(check.healthyThreshold, 5),
      unhealthyThreshold: number(check.unhealthyThreshold, 2),
    },
    tags: strings(inputs.tags),
  };
  world.targetGroups.set(spec.arn, new TargetGroup(spec, world.context, networkOf(world)));
};
