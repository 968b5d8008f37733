import type { Budget } from "./budget";
import { commonStart, hasMark, type Marks, piecesOf } from "./marks";
import type { AgentSettings, Setting } from "./settings";

interface Reading {
  readonly settings: Map<string, Setting>;
  readonly unread: Set<string>;
  /** The line so far. */
  line: string;
}

/**
 * Reads `/etc/ecs/ecs.config` as ecs-init does before it hands the variables to the agent's container: it trims each
 * line, splits it at the first `=`, and keeps both sides as they are. So quotes stay in the value; `export X=1`, `X = 1`
 * and `#X=1` set variables that the agent doesn't look for; the last of two lines wins.
 * @see https://github.com/aws/amazon-ecs-agent/blob/master/ecs-init/docker/docker.go (`getEnvVars`)
 */
export function readConfigFile(text: string, marks: Marks, budget: Budget): AgentSettings {
  const reading: Reading = { settings: new Map(), unread: new Set(), line: "" };
  readText(reading, `${text}\n`, marks, budget);
  return { settings: reading.settings, unread: [...reading.unread] };
}

function readText(reading: Reading, text: string, marks: Marks, budget: Budget): void {
  budget.spend(text.length);
  for (const piece of piecesOf(text)) {
    const mark = hasMark(piece) ? marks.at(piece) : undefined;
    if (mark?.kind === "choice") {
      budget.nested(() => {
        readChoice(reading, mark, marks, budget);
      });
    } else {
      readLines(reading, piece, marks);
    }
  }
}

function readLines(reading: Reading, text: string, marks: Marks): void {
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  for (const line of lines) {
    endLine(reading, reading.line + line, marks);
    reading.line = "";
  }
  reading.line += last;
}

function endLine({ settings, unread }: Reading, text: string, marks: Marks): void {
  const line = text.trim();
  if (line.startsWith("#")) return;
  const [key = "", ...rest] = line.split("=");
  const reason = marks.reasonIn(line);
  if (hasMark(key) && reason !== undefined) {
    unread.add(reason);
    for (const name of settings.keys())
      settings.set(name, { kind: "undecided", reason: `${reason} may have changed it` });
  } else if (rest.length > 0 && /^\w+$/.test(key)) {
    settings.set(key, reason === undefined ? { kind: "known", value: rest.join("=") } : { kind: "undecided", reason });
  }
}

function readChoice(
  reading: Reading,
  { reason, texts }: { readonly reason: string; readonly texts: readonly string[] },
  marks: Marks,
  budget: Budget,
): void {
  const ends = texts.map((text) => {
    const end: Reading = { settings: new Map(reading.settings), unread: new Set(reading.unread), line: reading.line };
    readText(end, text, marks, budget);
    return end;
  });
  for (const name of new Set(ends.flatMap(({ settings }) => [...settings.keys()]))) {
    const [first, ...others] = ends.map(({ settings }) => settings.get(name));
    const agreed = first !== undefined && others.every((other) => isSame(first, other));
    reading.settings.set(name, agreed ? first : { kind: "undecided", reason });
  }
  for (const text of ends.flatMap(({ unread }) => [...unread])) reading.unread.add(text);
  const [line = "", ...lines] = ends.map((end) => end.line);
  reading.line = lines.every((other) => other === line) ? line : commonStart([line, ...lines]) + marks.unknown(reason);
}

function isSame(one: Setting, other: Setting | undefined): boolean {
  if (one.kind === "known") return other?.kind === "known" && one.value === other.value;
  return other?.kind === "undecided" && one.reason === other.reason;
}
