import { withoutMarks } from "../marks";
import { unpacked } from "./bytes";
import { isMime, type MimePart, mimeParts } from "./mime";

/** One piece of user data that cloud-init handles by itself. */
export interface Part {
  /** For a person: empty where user data is of one piece. */
  readonly name: string;
  readonly type: string;
  /** Scripts run in the order of their file names. */
  readonly filename: string;
  readonly text: string;
  /** How a later cloud-config is put over an earlier one, where its headers say it. */
  readonly mergeType?: string;
}

/** What user data of one kind begins with. @see https://cloudinit.readthedocs.io/en/latest/explanation/format/index.html */
const BEGINNINGS: readonly (readonly [string, string])[] = [
  ["#!", "text/x-shellscript"],
  ["#cloud-config-archive", "text/cloud-config-archive"],
  ["#cloud-config-jsonp", "text/cloud-config-jsonp"],
  ["#cloud-config", "text/cloud-config"],
  ["#cloud-boothook", "text/cloud-boothook"],
  ["#include-once", "text/x-include-once-url"],
  ["#include", "text/x-include-url"],
  ["#part-handler", "text/part-handler"],
  ["#upstart-job", "text/upstart-job"],
  ["## template: jinja", "text/jinja2"],
];

export function typeByBeginning(text: string): string | undefined {
  const beginning = text.trimStart().slice(0, 40).toLowerCase();
  return BEGINNINGS.find(([start]) => beginning.startsWith(start))?.[1];
}

/** cloud-init looks at the text of a part without a type of its own. */
const GENERIC = /^(?:text\/plain|text\/x-not-multipart|application\/octet-stream|application\/(?:x-)?gzip|)$/;

/** The parts of user data, in order; what is damaged has the type "damaged". */
export function partsOf(bytes: Buffer): Part[] {
  const latin1 = bytes.toString("latin1");
  if (!isMime(latin1.trimStart())) return [partOf({ type: "", headers: new Map(), bytes }, 0, "")];
  const parts = mimeParts(latin1.trimStart());
  return parts.map((part, i) => partOf(part, i, `part ${i + 1}`));
}

export function partOf(part: MimePart, index: number, name: string): Part {
  const bytes = unpacked(part.bytes);
  const text = bytes === undefined ? "" : unixText(withoutMarks(bytes.toString("utf8")));
  const type = GENERIC.test(part.type) ? (typeByBeginning(text) ?? part.type) : part.type;
  const mergeType = part.headers.get("merge-type") ?? part.headers.get("x-merge-type");
  return {
    name,
    type: bytes === undefined ? "damaged" : type,
    filename: part.filename ?? `part-${String(index + 1).padStart(3, "0")}`,
    text,
    ...(mergeType === undefined ? {} : { mergeType }),
  };
}

/** cloud-init takes the line ends of a text whose first line has DOS's. */
function unixText(text: string): string {
  return /^[^\n]*\r\n/.test(text) ? text.replace(/\r\n/g, "\n") : text;
}
