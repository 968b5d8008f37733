/** The ECS agents that a template, a configuration or an instance boots. */
import { readAgentSettings, type AgentSettings } from "../userData/agentSettings";
import { unreadable } from "../userData/settings";
import { valueAt } from "./read";
import { UNKNOWN, type Properties, type Resource } from "./resource";
import type { Stack } from "./stack";

/** What has user data; several may launch one group's instances. */
export interface Boot {
  /** What has to be changed, for messages. */
  readonly resource: Resource;
  /** Where its user data, image and market are: the resource's own properties, or a part of them. */
  readonly props: Properties;
}

/** Of an instance, the provider gives back the hash of its user data. */
const HASH = /^[0-9a-f]{40}$/;

export function agentOf(stack: Stack, boot: Boot): AgentSettings {
  return stack.once(readAgent, boot.props);
}

function readAgent(_: Stack, props: Properties): AgentSettings {
  const userData = userDataOf(props);
  if (userData === UNKNOWN) return unreadable("userData isn't known before the update");
  const text = typeof userData === "string" ? userData : "";
  return HASH.test(text) ? unreadable("of userData, only its hash is known") : readAgentSettings(text);
}

export function userDataOf(props: Properties): unknown {
  return valueAt(props, "userDataBase64") ?? valueAt(props, "userData");
}

export function mentionsEcs({ settings }: AgentSettings): boolean {
  return [...settings.keys()].some((variable) => variable.startsWith("ECS_"));
}
