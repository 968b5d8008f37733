import { parse } from "yaml";
import { unpacked } from "./bytes";

/** The keys of a cloud-config that can write a file. */
export interface CloudConfig {
  readonly bootCommands: readonly Command[];
  readonly files: readonly WrittenFile[];
  readonly runCommands: readonly Command[];
  readonly unread: readonly string[];
}

/** A line for the shell, or words for it. */
export type Command = string | readonly string[];

export interface WrittenFile {
  readonly path: string;
  /** Nothing where it comes from elsewhere or can't be decoded. */
  readonly content?: string;
  readonly appends: boolean;
  readonly deferred: boolean;
}

type Values = Readonly<Record<string, unknown>>;

/** Modules that run code from elsewhere. */
const FOREIGN = ["ansible", "chef", "mcollective", "puppet", "salt_minion", "snap", "juju"];

/** As PyYAML reads it: YAML 1.1, the last of two equal keys. Throws where it is none. */
export function parseYaml(text: string): unknown {
  return parse(text, { version: "1.1", uniqueKeys: false, merge: true, logLevel: "error" });
}

/** Reads the YAML of a cloud-config; throws where it is none. */
export function parseCloudConfig(text: string): Values {
  const values = parseYaml(text);
  if (values === null || values === undefined) return {};
  if (!isValues(values)) throw new Error("it is no mapping");
  return values;
}

/**
 * One configuration of several: a later key replaces an earlier one, unless the later part says that lists are appended.
 * @see https://cloudinit.readthedocs.io/en/latest/reference/merging.html
 */
export function merged(before: Values, after: Values, mergeType?: string): Values {
  const how = JSON.stringify(after.merge_how ?? after.merge_type ?? mergeType ?? "");
  const listMode = /list\W+(?:[^)\]]*?)(append|prepend)/.exec(how)?.[1];
  const entries = Object.entries(after).map(([key, value]) => {
    const old = before[key];
    if (listMode === undefined || !Array.isArray(old) || !Array.isArray(value)) return [key, value] as const;
    return [
      key,
      listMode === "append"
        ? [...(old as unknown[]), ...(value as unknown[])]
        : [...(value as unknown[]), ...(old as unknown[])],
    ] as const;
  });
  return { ...before, ...Object.fromEntries(entries) };
}

export function cloudConfigOf(values: Values): CloudConfig {
  const unread: string[] = [];
  const commands = (key: string): Command[] => {
    const list = listOf(values[key]).map(commandOf);
    const known = list.filter((command) => command !== undefined);
    // cloud-init runs none of a list that it can't make a script of.
    if (known.length === list.length) return known;
    unread.push(`${key}: an item that is neither a text nor a list of texts`);
    return [];
  };
  const files = listOf(values.write_files).flatMap((item) => fileOf(item) ?? []);
  unread.push(...FOREIGN.filter((key) => key in values).map((key) => `\`${key}\` of the cloud-config`));
  return { bootCommands: commands("bootcmd"), files, runCommands: commands("runcmd"), unread };
}

function commandOf(item: unknown): Command | undefined {
  if (typeof item === "string") return item;
  if (!Array.isArray(item)) return undefined;
  return item.every(isScalar) ? item.map(String) : undefined;
}

function fileOf(item: unknown): WrittenFile | undefined {
  if (!isValues(item) || typeof item.path !== "string") return undefined;
  const content = contentOf(item);
  return {
    path: item.path,
    appends: isTrue(item.append),
    deferred: isTrue(item.defer),
    ...(content === undefined ? {} : { content }),
  };
}

function contentOf({ content = "", encoding, source }: Values): string | undefined {
  if (source !== undefined) return undefined;
  const kind = typeof encoding === "string" ? encoding.toLowerCase() : "";
  const bytes = contentBytes(content, /b64|base64/.test(kind) ? "base64" : "utf8");
  return (kind.includes("gz") ? bytes && unpacked(bytes) : bytes)?.toString("utf8");
}

function contentBytes(content: unknown, encoding: BufferEncoding): Buffer | undefined {
  if (content instanceof Uint8Array) return Buffer.from(content);
  return isScalar(content) ? Buffer.from(String(content), encoding) : undefined;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === "string" && /^(?:true|1|on|yes)$/i.test(value));
}

function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
