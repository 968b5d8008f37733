import { ECS_CONFIG, IMAGE_CONFIG, isUnreadAgentFile } from "../agentFiles";
import type { Budget } from "../budget";
import { readConfigFile } from "../ecsConfigFile";
import { Marks, withoutMarks } from "../marks";
import type { AgentSettings } from "../settings";
import { appendFile, markAgentUnknown, writeFile } from "../shell/files";
import { bootShell, runScript } from "../shell/runScript";
import type { Shell } from "../shell/shell";
import {
  type CloudConfig,
  cloudConfigOf,
  type Command,
  merged,
  parseCloudConfig,
  parseYaml,
  type WrittenFile,
} from "./cloudConfig";
import { type Part, partOf } from "./parts";

interface Script {
  readonly filename: string;
  readonly text: string;
  readonly nameLine: (line: number) => string;
}

/**
 * Boots an instance with these parts, in cloud-init's order: boothooks, `bootcmd`, `write_files`, then the scripts by
 * their file names, `runcmd` among them.
 */
export function settingsAfterBoot(parts: readonly Part[], budget: Budget): AgentSettings {
  const shell = bootShell(new Marks(), budget);
  const all = parts.flatMap((part) => (part.type === "text/cloud-config-archive" ? archived(part) : [part]));
  const { config, unread } = configOf(all);
  for (const part of all.filter(({ type }) => type === "text/cloud-boothook")) {
    run(shell, { ...scriptOf(part), text: part.text.replace(/^\s*#cloud-boothook[^\n]*\n?/i, "\n") });
  }
  run(shell, commandScript("bootcmd", config.bootCommands));
  for (const deferred of [false, true]) {
    config.files.forEach((file, i) => {
      if (file.deferred === deferred) write(shell, file, `write_files ${i + 1}: ${file.path}`);
    });
  }
  for (const script of scriptsInOrder(all, config)) run(shell, script);
  for (const reason of [...unread, ...config.unread, ...all.flatMap(unreadPart)]) markAgentUnknown(shell, reason);
  return settingsOf(shell, budget);
}

function settingsOf({ state, marks }: Shell, budget: Budget): AgentSettings {
  const text = [IMAGE_CONFIG, ECS_CONFIG].map((path) => state.files.get(path) ?? "").join("\n");
  const { settings, unread } = readConfigFile(text, marks, budget);
  const others = [...state.files].filter(([path, content]) => isUnreadAgentFile(path, content));
  return { settings, unread: [...unread, ...others.map(([path]) => `${path}, which the user data writes`)] };
}

function run(shell: Shell, { text, nameLine }: Script): void {
  runScript(shell, { source: text, nameLine });
}

function scriptOf({ name, filename, text }: Part): Script {
  return { filename, text, nameLine: (line) => (name === "" ? `line ${line}` : `${name}, line ${line}`) };
}

/** cloud-init's folders of scripts, one after the other. */
const SCRIPT_TYPES = ["-per-once", "-per-boot", "-per-instance", ""].map((suffix) => `text/x-shellscript${suffix}`);

function scriptsInOrder(parts: readonly Part[], { runCommands }: CloudConfig): Script[] {
  return SCRIPT_TYPES.flatMap((type) => {
    const scripts = parts.filter((part) => part.type === type).map(scriptOf);
    if (type === SCRIPT_TYPES.at(-1)) scripts.push(commandScript("runcmd", runCommands));
    return scripts.sort((a, b) => (a.filename < b.filename ? -1 : Number(a.filename > b.filename)));
  });
}

/** cloud-init makes one script of a list of commands. */
function commandScript(key: string, commands: readonly Command[]): Script {
  const texts = commands.map((command) =>
    withoutMarks(
      typeof command === "string" ? command : command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" "),
    ),
  );
  const items = texts.flatMap((text, i) => text.split("\n").map(() => i + 1));
  return { filename: key, text: texts.join("\n"), nameLine: (line) => `${key} ${items[line - 1] ?? items.length}` };
}

function write(shell: Shell, { path, content, appends }: WrittenFile, place: string): void {
  const text = content === undefined ? shell.marks.unknown(place) : withoutMarks(content);
  (appends ? appendFile : writeFile)(shell, path, text, place);
}

function configOf(parts: readonly Part[]): { config: CloudConfig; unread: string[] } {
  const unread: string[] = [];
  let values: ReturnType<typeof parseCloudConfig> = {};
  for (const { type, text, name, mergeType } of parts) {
    if (type !== "text/cloud-config") continue;
    try {
      values = merged(values, parseCloudConfig(text), mergeType);
    } catch (error) {
      const [message] = String(error instanceof Error ? error.message : error).split("\n");
      unread.push(`${name || "the cloud-config"}, which is no cloud-config (${message})`);
    }
  }
  return { config: cloudConfigOf(values), unread };
}

/** A YAML list of parts, each a text or a mapping with its type. */
function archived(archive: Part): Part[] {
  const items = itemsOf(archive.text);
  if (!items) return [{ ...archive, type: "damaged" }];
  return items.map((item, i) => {
    const {
      type = "",
      content = item,
      filename,
    } = (typeof item === "object" && item !== null ? item : {}) as Record<string, unknown>;
    const bytes = Buffer.from(typeof content === "string" ? content : "");
    const entry = { type: typeof type === "string" ? type : "", headers: new Map<string, string>(), bytes };
    const named = typeof filename === "string" ? { ...entry, filename } : entry;
    return partOf(named, i, `${archive.name === "" ? "" : `${archive.name}, `}item ${i + 1}`);
  });
}

/** Undefined where it is no list. */
function itemsOf(text: string): unknown[] | undefined {
  try {
    const items = parseYaml(text);
    return Array.isArray(items) ? items : undefined;
  } catch {
    return undefined;
  }
}

const READ_TYPES = new Set(["text/cloud-config", "text/cloud-boothook", ...SCRIPT_TYPES]);

function unreadPart({ type, name, text }: Part): string[] {
  if (READ_TYPES.has(type) || (text.trim() === "" && type !== "damaged")) return [];
  const [line = ""] = text.trim().split("\n");
  const begins =
    type === "damaged"
      ? "which is damaged"
      : `which begins with \`${line.slice(0, 60)}\` (${type || "no type that cloud-init knows"})`;
  return [`${name || "the user data"}, ${begins}`];
}
