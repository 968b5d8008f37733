import { parseGoDuration } from "./goDuration";
import type { AgentSettings, Decided } from "./settings";

/** What Go's `strconv.ParseBool` takes; the agent trims around it, and takes anything else for its default. */
const BOOLEANS = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, false] as const),
]);

const DEFAULT_STOP_TIMEOUT_MS = 30_000;
const SHORTEST_STOP_TIMEOUT_MS = 1_000;

/**
 * Whether the agent drains its instance at a Spot interruption notice. `"true"` in quotes is no boolean to the agent, so
 * it is off.
 * @see https://github.com/aws/amazon-ecs-agent/blob/master/agent/config/config.go
 */
export function spotInstanceDraining(settings: AgentSettings): Decided<boolean> {
  return reading(settings, "ECS_ENABLE_SPOT_INSTANCE_DRAINING", (text) => BOOLEANS.get(text.trim()) ?? false);
}

/**
 * What a container without a stop timeout of its own gets. The agent takes what is no Go duration, and 0, for its default
 * of 30 s, and less than 1 s for 1 s.
 * @see https://github.com/aws/amazon-ecs-agent/blob/master/agent/config/parse.go
 */
export function stopTimeoutSeconds(settings: AgentSettings): Decided<number> {
  return reading(settings, "ECS_CONTAINER_STOP_TIMEOUT", (text) => {
    const given = parseGoDuration(text) ?? 0;
    return (given === 0 ? DEFAULT_STOP_TIMEOUT_MS : Math.max(given, SHORTEST_STOP_TIMEOUT_MS)) / 1_000;
  });
}

/** The cluster that the agent registers with. */
export function clusterName(settings: AgentSettings): Decided<string> {
  return reading(settings, "ECS_CLUSTER", (text) => text.trim() || "default");
}

function reading<T>({ settings, unread }: AgentSettings, variable: string, read: (text: string) => T): Decided<T> {
  const setting = settings.get(variable);
  if (setting?.kind === "undecided") return setting;
  if (setting !== undefined) return { kind: "known", value: read(setting.value) };
  if (unread.length > 0)
    return { kind: "undecided", reason: `it may have been set where it couldn't be read: ${unread.join("; ")}` };
  return { kind: "known", value: read("") };
}
