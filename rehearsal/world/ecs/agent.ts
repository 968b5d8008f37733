/** The ECS agent on every instance: it registers when it has booted, and looks for a notice every second. */
import { between, type Context } from "../context";
import { EC2, ECS } from "../constants";
import type { Ec2 } from "../ec2/ec2";
import type { Instance } from "../ec2/instance";
import { agentConfig, type AgentConfig } from "./agentConfig";
import type { Cluster } from "./cluster";

export function runAgents(ec2: Ec2, clusters: ReadonlyMap<string, Cluster>, context: Context): void {
  const { clock } = context;
  const boot = context.random("ecs/boot");
  const poll = context.random("ecs/poll");
  // A thousand instances boot with one text.
  const configs = new Map<string, AgentConfig>();
  const configOf = ({ userData }: Instance): AgentConfig => {
    const config = configs.get(userData) ?? agentConfig(userData);
    configs.set(userData, config);
    return config;
  };
  ec2.running.subscribe((instance) => {
    const agent = configOf(instance);
    clock.after(between(boot, EC2.bootToAgentMs), () => {
      if (!ec2.isUp(instance)) return;
      const cluster = clusters.get(agent.cluster);
      cluster?.register(instance, agent);
      if (instance.interruption?.noticedAt !== undefined) onNotice(instance);
    });
  });
  const onNotice = (instance: Instance): void => {
    const agent = configOf(instance);
    if (!agent.spotInstanceDraining) return;
    clock.after(poll() * ECS.agentSpotPollMs, () => {
      const cluster = clusters.get(agent.cluster);
      const container = cluster?.instanceOf(instance.id);
      if (container !== undefined) cluster?.setStatus(container, "DRAINING", "agent");
    });
  };
  ec2.noticed.subscribe(onNotice);
  ec2.ended.subscribe((instance) => {
    for (const cluster of clusters.values()) cluster.onHostLost(instance);
  });
}
