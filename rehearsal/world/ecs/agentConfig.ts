/** What the ECS agent reads once its instance has booted with its user data, by the policy pack's own reader. */
import {
  clusterName,
  readAgentSettings,
  spotInstanceDraining,
  stopTimeoutSeconds,
  type Decided,
} from "../../../policies/userData/agentSettings";

export interface AgentConfig {
  readonly cluster: string;
  readonly spotInstanceDraining: boolean;
  readonly stopTimeoutMs: number;
  readonly reservedMemoryMiB: number;
  /** What couldn't be told from the user data, and is taken for the agent's default. */
  readonly undecided: readonly string[];
}

export function agentConfig(userData: string): AgentConfig {
  const settings = readAgentSettings(userData);
  const undecided = new Map<string, string[]>();
  const orDefault = <T>(name: string, setting: Decided<T>, byDefault: T): T => {
    if (setting.kind === "known") return setting.value;
    undecided.set(setting.reason, [...(undecided.get(setting.reason) ?? []), name]);
    return byDefault;
  };
  const reserved = settings.settings.get("ECS_RESERVED_MEMORY");
  return {
    cluster: orDefault("ECS_CLUSTER", clusterName(settings), "default"),
    spotInstanceDraining: orDefault("ECS_ENABLE_SPOT_INSTANCE_DRAINING", spotInstanceDraining(settings), false),
    stopTimeoutMs: orDefault("ECS_CONTAINER_STOP_TIMEOUT", stopTimeoutSeconds(settings), 30) * 1000,
    reservedMemoryMiB: (reserved?.kind === "known" && Number(reserved.value)) || 0,
    undecided: [...undecided].map(([reason, names]) => `${names.join(", ")}: ${reason}`),
  };
}
