import { Cluster } from "../../world/ecs/cluster";
import { text } from "../read";
import type { Reader } from "./reader";

export const readCluster: Reader = ({ outputs }, { world, facts, workload }) => {
  const spec = { name: text(outputs.name), arn: text(outputs.arn) };
  world.clusters.set(spec.name, new Cluster(spec, world.context, facts, workload));
};
