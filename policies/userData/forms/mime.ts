/** One body of a MIME message, in the order in which cloud-init walks them. */
export interface MimePart {
  /** In lower case, without parameters. */
  readonly type: string;
  readonly filename?: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Buffer;
}

const DEEPEST = 8;
const MOST_PARTS = 200;
const LONGEST_FIELD = 1_000;

/** Whether cloud-init takes the text for a MIME message. */
export function isMime(text: string): boolean {
  return /^[A-Za-z][\w-]*:/.test(text) && /^mime-version:/im.test(text.slice(0, 4096));
}

/**
 * The parts of a message, nested ones too. Own, because the kept MIME parsers of npm are asynchronous, and a policy isn't;
 * user data has no more of MIME than this.
 * @param message one character per byte (latin1)
 */
export function mimeParts(message: string, depth = 0): MimePart[] {
  const { headers, body } = entity(message);
  const [type = "text/plain", ...parameters] = fieldParts(headers.get("content-type") ?? "text/plain");
  const boundary = parameter(parameters, "boundary");
  if (type.toLowerCase().startsWith("multipart/") && boundary !== undefined && depth < DEEPEST) {
    return bodies(body, boundary)
      .slice(0, MOST_PARTS)
      .flatMap((each) => mimeParts(each, depth + 1));
  }
  const disposition = fieldParts(headers.get("content-disposition") ?? "");
  const filename = parameter(disposition, "filename") ?? parameter(parameters, "name");
  const bytes = decoded(body, headers.get("content-transfer-encoding") ?? "");
  return [{ type: type.toLowerCase(), headers, bytes, ...(filename === undefined ? {} : { filename }) }];
}

/** An empty line ends the headers; a line that begins with a blank goes on with the one before. */
function entity(text: string): { headers: Map<string, string>; body: string } {
  const at = /^\r?\n|\r?\n\r?\n/.exec(text);
  const head = text.slice(0, at?.index ?? text.length);
  const lines = head.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, Math.max(colon, 0)).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { headers: new Map(headers), body: at === null ? "" : text.slice(at.index + at[0].length) };
}

function fieldParts(field: string): string[] {
  return (field.slice(0, LONGEST_FIELD).match(/(?:"(?:[^"\\]|\\.)*"|[^;"])+/g) ?? []).map((part) => part.trim());
}

function parameter(parts: readonly string[], name: string): string | undefined {
  const part = parts.find((each) => each.toLowerCase().replace(/\s/g, "").startsWith(`${name}=`));
  return part
    ?.slice(part.indexOf("=") + 1)
    .trim()
    .replace(/^"([^]*)"$/, "$1");
}

/** What stands between the boundary's lines. A closing line may be missing. */
function bodies(text: string, boundary: string): string[] {
  const parts: string[][] = [];
  for (const line of text.split("\n")) {
    const mark = line.replace(/[ \t\r]+$/, "");
    if (mark === `--${boundary}--`) break;
    if (mark === `--${boundary}`) parts.push([]);
    else parts.at(-1)?.push(line);
  }
  // The line end before a boundary is the boundary's.
  return parts.map((lines) => lines.join("\n").replace(/\r$/, ""));
}

function decoded(body: string, encoding: string): Buffer {
  switch (encoding.toLowerCase()) {
    case "base64":
      return Buffer.from(body, "base64");
    case "quoted-printable":
      return Buffer.from(quotedPrintable(body), "latin1");
    default:
      return Buffer.from(body, "latin1");
  }
}

function quotedPrintable(text: string): string {
  return text
    .replace(/=[ \t]*\r?\n/g, "")
    .replace(/=([\dA-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}
