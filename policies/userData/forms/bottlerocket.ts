import { parse, type TomlTable } from "smol-toml";
import { type AgentSettings, type Setting, unreadable } from "../settings";

/** Whether a text is the TOML that Bottlerocket takes. */
export function isBottlerocket(text: string): boolean {
  return /^[ \t]*(?:\[[ \t]*"?settings"?[ \t]*[.\]]|settings\.)/m.test(text);
}

/** Reads a value as the text that the agent's variable gets; nothing where Bottlerocket refuses it. */
type Read = (value: unknown) => string | undefined;

const text: Read = (value) => (typeof value === "string" ? value : undefined);
const boolean: Read = (value) => (typeof value === "boolean" ? String(value) : undefined);
const inverse: Read = (value) => (typeof value === "boolean" ? String(!value) : undefined);
const integer: Read = (value) => (typeof value === "number" && Number.isInteger(value) ? String(value) : undefined);
const json: Read = (value) => (typeof value === "object" ? JSON.stringify(value) : undefined);
/** Units from the largest to the smallest, each once; a number alone is refused. */
const DURATION =
  /^(?=.)(?:(?:\d+\.)?\d+h)?(?:(?:\d+\.)?\d+m)?(?:(?:\d+\.)?\d+s)?(?:(?:\d+\.)?\d+ms)?(?:(?:\d+\.)?\d+(?:u|µ)s)?(?:(?:\d+\.)?\d+ns)?$/;
const duration: Read = (value) => (typeof value === "string" && DURATION.test(value) ? value : undefined);

/**
 * The variable that each setting sets.
 * @see https://bottlerocket.dev/en/os/latest/api/settings/ecs/
 */
const VARIABLES: Readonly<Record<string, readonly [string, Read]>> = {
  "allow-privileged-containers": ["ECS_DISABLE_PRIVILEGED", inverse],
  "awsvpc-block-imds": ["ECS_AWSVPC_BLOCK_IMDS", boolean],
  "backend-host": ["ECS_BACKEND_HOST", text],
  cluster: ["ECS_CLUSTER", text],
  "container-stop-timeout": ["ECS_CONTAINER_STOP_TIMEOUT", duration],
  "enable-container-metadata": ["ECS_ENABLE_CONTAINER_METADATA", boolean],
  "enable-spot-instance-draining": ["ECS_ENABLE_SPOT_INSTANCE_DRAINING", boolean],
  "image-cleanup-age": ["ECS_IMAGE_MINIMUM_CLEANUP_AGE", duration],
  "image-cleanup-delete-per-cycle": ["ECS_NUM_IMAGES_DELETE_PER_CYCLE", integer],
  "image-cleanup-enabled": ["ECS_DISABLE_IMAGE_CLEANUP", inverse],
  "image-cleanup-wait": ["ECS_IMAGE_CLEANUP_INTERVAL", duration],
  "image-pull-behavior": ["ECS_IMAGE_PULL_BEHAVIOR", text],
  "instance-attributes": ["ECS_INSTANCE_ATTRIBUTES", json],
  "logging-drivers": ["ECS_AVAILABLE_LOGGING_DRIVERS", json],
  loglevel: ["ECS_LOGLEVEL", text],
  "reserved-memory": ["ECS_RESERVED_MEMORY", integer],
  "task-cleanup-wait": ["ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION", duration],
};

/** Two settings of one variable, which no rule asks for. */
const LEFT_OUT = ["metadata-service-rps", "metadata-service-burst"];

export function readBottlerocket(toml: string): AgentSettings {
  let settings: TomlTable;
  try {
    settings = tableIn(parse(toml), "settings");
  } catch (error) {
    const [message = ""] = String(error instanceof Error ? error.message : error).split("\n");
    return unreadable(`the user data, which is no TOML (${message})`);
  }
  const ecs = Object.entries(tableIn(settings, "ecs")).filter(([key]) => !LEFT_OUT.includes(key));
  return {
    settings: new Map(ecs.flatMap(([key, value]) => settingOf(key, value))),
    unread: [
      ...ecs.filter(([key]) => !(key in VARIABLES)).map(([key]) => `settings.ecs.${key}`),
      ...foreignCode(settings),
    ],
  };
}

function settingOf(key: string, value: unknown): [string, Setting][] {
  const [variable, read] = VARIABLES[key] ?? [];
  if (variable === undefined || read === undefined) return [];
  const known = read(value);
  if (known !== undefined) return [[variable, { kind: "known", value: known }]];
  return [
    [
      variable,
      { kind: "undecided", reason: `settings.ecs.${key} is ${JSON.stringify(value)}, which Bottlerocket refuses` },
    ],
  ];
}

/** Containers and commands at boot can change settings. */
function foreignCode(settings: TomlTable): string[] {
  return ["bootstrap-containers", "bootstrap-commands"].flatMap((kind) =>
    Object.keys(tableIn(settings, kind)).map((name) => `settings.${kind}.${name}, which may change settings`),
  );
}

function tableIn(table: TomlTable, key: string): TomlTable {
  const value = table[key];
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Date) ? value : {};
}
