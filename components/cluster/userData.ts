/** Renders the script that an instance runs at boot: the ECS agent's settings. */

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html */
export interface AgentSettings {
  readonly clusterName: string;
  /** What a container without a stop timeout of its own gets between SIGTERM and SIGKILL. */
  readonly stopTimeoutSeconds: number;
  readonly imagePullBehavior: ImagePullBehavior;
  /** A secret whose value is the JSON of ECS_ENGINE_AUTH_DATA. */
  readonly registryCredentialsSecretArn?: string;
}

export const IMAGE_PULL_BEHAVIORS = ["default", "always", "once", "prefer-cached"] as const;
export type ImagePullBehavior = (typeof IMAGE_PULL_BEHAVIORS)[number];

/** The script in plain text; a launch template takes it in base64. No credential is in it. */
export function renderUserData(settings: AgentSettings): string {
  const { registryCredentialsSecretArn } = settings;
  return [
    "#!/bin/bash",
    "set -euo pipefail",
    "cat >> /etc/ecs/ecs.config <<'EOF'",
    ...agentVariables(settings).map(([variable, value]) => `${variable}=${value}`),
    "EOF",
    ...(registryCredentialsSecretArn === undefined ? [] : registryLines(registryCredentialsSecretArn)),
    "",
  ].join("\n");
}

function agentVariables({ clusterName, stopTimeoutSeconds, imagePullBehavior }: AgentSettings): [string, string][] {
  return [
    ["ECS_CLUSTER", clusterName],
    ["ECS_ENABLE_SPOT_INSTANCE_DRAINING", "true"],
    ["ECS_CONTAINER_STOP_TIMEOUT", `${stopTimeoutSeconds}s`],
    ["ECS_ENABLE_CONTAINER_METADATA", "true"],
    ["ECS_IMAGE_PULL_BEHAVIOR", imagePullBehavior],
  ];
}

/** The credentials are read at boot, go to a file that only root reads, and are never printed: cloud-init logs what a script prints.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth-container-instances.html */
function registryLines(secretArn: string): string[] {
  const region = secretArn.split(":")[3] ?? "";
  return [
    "command -v aws >/dev/null || dnf install -y awscli-2 >/dev/null",
    "chmod 600 /etc/ecs/ecs.config",
    `credentials="$(aws secretsmanager get-secret-value --region '${region}' --secret-id '${secretArn}' --query SecretString --output text | tr -d '\\n')"`,
    "echo 'ECS_ENGINE_AUTH_TYPE=docker' >> /etc/ecs/ecs.config",
    `printf 'ECS_ENGINE_AUTH_DATA=%s\\n' "$credentials" >> /etc/ecs/ecs.config`,
    "unset credentials",
  ];
}
