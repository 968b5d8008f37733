/** The agent's variables, which ecs-init reads when it starts the agent. */
export const ECS_CONFIG = "/etc/ecs/ecs.config";
/** What Amazon's image brings; ecs-init reads it first, so that the other one wins. */
export const IMAGE_CONFIG = "/var/lib/ecs/ecs.config";

const UNIT = /^\/(?:etc|run|lib|usr\/lib)\/systemd\/system\/ecs\.service(?:$|\.d\/)/;

/**
 * Files by which the agent can be set in ways that aren't read here: its JSON, and its systemd unit where that says more
 * than an order.
 */
export function isUnreadAgentFile(path: string, text: string): boolean {
  if (path === "/etc/ecs/ecs.config.json" || path === "/etc/ecs_container_agent/config.json") return true;
  return UNIT.test(path) && /ECS_|Environment|Exec|[\ue000-\uf8ff]/.test(text);
}
