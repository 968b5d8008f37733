import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { FILE } from "./read";

export type Settings = readonly (readonly [name: string, value: string])[];
/** Lines of a script that append the settings to the agent's file. */
export type Writer = (settings: Settings) => string[];
/** User data that has a script. */
export type Wrapping = (lines: readonly string[]) => string;

function linesOf(settings: Settings): string[] {
  return settings.map(([name, value]) => `${name}=${value}`);
}

export function single(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function double(text: string): string {
  return `"${text.replace(/["$`\\]/g, "\\$&")}"`;
}

function inDocument(text: string): string {
  return text.replace(/[$`\\]/g, "\\$&");
}

function bare(text: string): string {
  return text.replace(/[^\w=]/g, "\\$&");
}

const each =
  (write: (line: string) => string[]): Writer =>
  (settings) =>
    linesOf(settings).flatMap(write);

/** One line of the file in sed's replacement. */
function inSed(line: string): string {
  return line.replace(/[\\&|]/g, "\\$&");
}

export const WRITERS: Readonly<Record<string, Writer>> = {
  echo: each((line) => [`echo ${single(line)} >> ${FILE}`]),
  "echo in double quotes": each((line) => [`echo ${double(line)} >>${FILE}`]),
  "echo without quotes": each((line) => [`echo ${bare(line)} >> ${FILE}`]),
  printf: (settings) => [`printf '%s\\n' ${linesOf(settings).map(single).join(" ")} >> ${FILE}`],
  "printf by name": (settings) =>
    settings.map(([name, value]) => `printf '%s=%s\\n' ${name} ${double(value)} >> ${FILE}`),
  tee: each((line) => [`echo ${double(line)} | sudo tee -a ${FILE} > /dev/null`]),
  "here-string": each((line) => [`tee -a ${FILE} >/dev/null <<< ${single(line)}`]),
  "quoted here-document": (settings) => [`cat <<'END_OF_IT' >> ${FILE}`, ...linesOf(settings), "END_OF_IT"],
  "here-document": (settings) => [`cat >> ${FILE} <<END_OF_IT`, ...linesOf(settings).map(inDocument), "END_OF_IT"],
  "here-document to tee": (settings) => [
    `cat <<"END_OF_IT" | sudo tee --append ${FILE}`,
    ...linesOf(settings),
    "END_OF_IT",
  ],
  "indented here-document": (settings) => [
    `cat >> ${FILE} <<-END_OF_IT`,
    ...linesOf(settings).map((line) => `\t${inDocument(line)}`),
    "\tEND_OF_IT",
  ],
  variable: (settings) =>
    settings.flatMap(([name, value]) => [`value=${single(value)}`, `echo "${name}=$value" >> ${FILE}`]),
  "exported variable": (settings) =>
    settings.flatMap(([name, value]) => [`export ${name}=${double(value)}`, `echo ${name}="\${${name}}" >> ${FILE}`]),
  group: (settings) => ["{", ...linesOf(settings).map((line) => `  echo ${single(line)}`), `} >> ${FILE}`],
  subshell: (settings) => ["(", ...linesOf(settings).map((line) => `  printf '%s\\n' ${single(line)}`), `) >> ${FILE}`],
  function: (settings) => [
    `setting() { printf '%s=%s\\n' "$1" "$2" >> ${FILE}; }`,
    ...settings.map(([name, value]) => `setting ${name} ${single(value)}`),
  ],
  loop: (settings) => [
    `for line in ${linesOf(settings).map(single).join(" ")}; do`,
    `  echo "$line" >> ${FILE}`,
    "done",
  ],
  "known condition": each((line) => [`if [ 1 = 1 ]; then echo ${single(line)} >> ${FILE}; else echo no > ${FILE}; fi`]),
  substitution: each((line) => [`echo "$(echo ${single(line)})" >> ${FILE}`]),
  base64: (settings) => [
    `echo ${Buffer.from(`${linesOf(settings).join("\n")}\n`).toString("base64")} | base64 --decode >> ${FILE}`,
  ],
  "copied file": (settings) => [
    `cp ${FILE} /tmp/agent.new`,
    ...linesOf(settings).map((line) => `echo ${single(line)} >> /tmp/agent.new`),
    `mv -f /tmp/agent.new ${FILE}`,
  ],
  "sed that replaces": (settings) =>
    settings.flatMap(([name, value]) => [
      `echo ${name}=before >> ${FILE}`,
      `sed -i ${single(`s|^${name}=before$|${inSed(`${name}=${value}`)}|`)} ${FILE}`,
    ]),
  "sed that appends": (settings) => [
    `echo >> ${FILE}`,
    ...linesOf(settings).map((line) => `sed -i ${single(`$a ${line.replaceAll("\\", "\\\\")}`)} ${FILE}`),
  ],
  "bash -c": each((line) => [`sudo bash -c ${single(`echo ${double(line)} >> ${FILE}`)}`]),
  "script of its own": (settings) => [
    "cat > /opt/agent.sh <<'END_OF_IT'",
    "#!/bin/bash",
    ...linesOf(settings).map((line) => `echo ${double(line)} >> ${FILE}`),
    "END_OF_IT",
    "bash /opt/agent.sh",
  ],
};

function scriptOf(lines: readonly string[]): string {
  return ["#!/bin/bash", ...lines, ""].join("\n");
}

function base64(text: string | Buffer): string {
  return Buffer.from(text).toString("base64");
}

function mime(type: string, text: string, encoding?: string): string {
  return [
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="//"',
    "",
    "--//",
    `Content-Type: ${type}; charset="utf-8"`,
    ...(encoding === undefined ? [] : [`Content-Transfer-Encoding: ${encoding}`]),
    "",
    text,
    "--//--",
    "",
  ].join("\n");
}

/** JSON is YAML. */
function cloudConfig(config: object): string {
  return `#cloud-config\n${JSON.stringify(config)}\n`;
}

export const WRAPPINGS: Readonly<Record<string, Wrapping>> = {
  plain: scriptOf,
  base64: (lines) => base64(scriptOf(lines)),
  gzip: (lines) => base64(gzipSync(scriptOf(lines))),
  MIME: (lines) => mime("text/x-shellscript", scriptOf(lines)),
  "MIME in base64": (lines) => base64(mime("text/x-shellscript", base64(scriptOf(lines)), "base64")),
  "gzip in MIME": (lines) => mime("application/x-gzip", base64(gzipSync(scriptOf(lines))), "base64"),
  boothook: (lines) => `#cloud-boothook\n${scriptOf(lines)}`,
  runcmd: (lines) => cloudConfig({ runcmd: [...lines] }),
  "runcmd with words": (lines) => cloudConfig({ runcmd: [["bash", "-c", lines.join("\n")]] }),
  bootcmd: (lines) => base64(cloudConfig({ bootcmd: [lines.join("\n")] })),
  "a written script": (lines) =>
    cloudConfig({
      write_files: [{ path: "/opt/boot.sh", encoding: "gz+b64", content: base64(gzipSync(scriptOf(lines))) }],
      runcmd: ["bash /opt/boot.sh"],
    }),
  "cloud-config in MIME": (lines) => mime("text/cloud-config", cloudConfig({ runcmd: [lines.join("\n")] })),
};

const names = fc.constantFrom(
  "ECS_CLUSTER",
  "ECS_ENABLE_SPOT_INSTANCE_DRAINING",
  "ECS_CONTAINER_STOP_TIMEOUT",
  "ECS_X1",
);
/** Anything printable that a line can hold; a file's reader trims its end. */
const values = fc
  .oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: "grapheme-ascii", maxLength: 30 }),
    fc.constantFrom("true", "90s", '["a"]'),
  )
  .map((text) => text.replace(/[^ -~]/g, "").trim());

export const settings = fc.array(fc.tuple(names, values), { minLength: 1, maxLength: 5 });
export const writers = fc.constantFrom(...Object.keys(WRITERS));
export const wrappings = fc.constantFrom(...Object.keys(WRAPPINGS));
export const noise = fc.constantFrom(
  "yum update -y",
  "systemctl enable --now docker",
  "# a comment",
  "",
  "export PATH=$PATH:/opt/bin",
  "iptables -A INPUT -j ACCEPT || true",
  "until curl -sf http://localhost:51678/v1/metadata; do sleep 1; done",
);

/** Settings written in turns, each in a way of its own. */
export const compositions = fc.array(fc.tuple(settings, writers, noise), { minLength: 1, maxLength: 4 });
