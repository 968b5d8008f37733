/** What the ECS agent reads from /etc/ecs/ecs.config, as the instance's user data wrote it. */
import { ECS } from "../constants";

export interface AgentConfig {
  readonly cluster: string;
  readonly spotInstanceDraining: boolean;
  readonly stopTimeoutMs: number;
  readonly reservedMemoryMiB: number;
}

const SETTING = /\b(ECS_[A-Z_]+)=("[^"]*"|'[^']*'|[^\s"'<>|&;]*)/g;

/** Settings in the order in which they are written: the last one wins; comments don't count. */
export function readAgentSettings(userData: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const line of userData.split("\n")) {
    if (line.trimStart().startsWith("#")) continue;
    for (const [, name, value] of line.matchAll(SETTING)) settings.set(name!, value!.replace(/^["']|["']$/g, ""));
  }
  return settings;
}

export function agentConfig(userData: string): AgentConfig {
  const settings = readAgentSettings(userData);
  return {
    cluster: settings.get("ECS_CLUSTER") ?? "default",
    spotInstanceDraining: settings.get("ECS_ENABLE_SPOT_INSTANCE_DRAINING") === "true",
    stopTimeoutMs: durationMs(settings.get("ECS_CONTAINER_STOP_TIMEOUT")),
    reservedMemoryMiB: Number(settings.get("ECS_RESERVED_MEMORY") ?? 0) || 0,
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A Go duration ("1m30s"); 0 or invalid is the default, less than a second is a second (amazon-ecs-agent agent/config). */
function durationMs(text: string | undefined): number {
  const parts = [...(text ?? "").matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  const isDuration = parts.map(([part]) => part).join("") === text;
  const total = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNIT_MS[unit!]!, 0);
  if (!isDuration || total <= 0) return ECS.stopTimeoutMs;
  return Math.max(1000, total);
}
