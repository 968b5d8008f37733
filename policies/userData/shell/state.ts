import { commonStart, type Marks } from "../marks";
import type { Frame } from "./frame";
import type * as ast from "unbash";

/** Whether the shell goes on with the next command, or what keeps it from doing so. */
export type Flow = "running" | "break" | "return" | "exit" | "failed";

/** A shell, and the files that it has written, at one moment. Texts may have marks. */
export interface State {
  readonly files: Map<string, string>;
  readonly variables: Map<string, string>;
  readonly functions: Map<string, ShellFunction>;
  positional: readonly string[];
  directory: string;
  flow: Flow;
}

export interface ShellFunction {
  readonly body: ast.Function["body"];
  readonly frame: Frame;
}

export function newState(files = new Map<string, string>()): State {
  return { files, variables: new Map(), functions: new Map(), positional: [], directory: "/", flow: "running" };
}

export function copyOf(state: State): State {
  return {
    ...state,
    files: new Map(state.files),
    variables: new Map(state.variables),
    functions: new Map(state.functions),
  };
}

/** One state for several of which one will be: what differs among them becomes a choice. */
export function joined(states: readonly [State, ...State[]], reason: string, marks: Marks): State {
  const [first, ...others] = states;
  if (others.length === 0) return first;
  const filesOf = ({ files }: State) => files;
  const variablesOf = ({ variables }: State) => variables;
  return {
    files: joinedTexts(states.map(filesOf), (texts) => joinedFile(texts, reason, marks)),
    variables: joinedTexts(states.map(variablesOf), (texts) => marks.choice(reason, texts)),
    functions: new Map(states.flatMap(({ functions }) => [...functions])),
    positional: first.positional,
    directory: others.every(({ directory }) => directory === first.directory) ? first.directory : marks.unknown(reason),
    flow: first.flow,
  };
}

function joinedTexts(maps: readonly Map<string, string>[], join: (texts: string[]) => string): Map<string, string> {
  const keys = new Set(maps.flatMap((map) => [...map.keys()]));
  return new Map(
    [...keys].map((key) => {
      const texts = maps.map((map) => map.get(key) ?? "");
      return [key, texts.every((text) => text === texts[0]) ? (texts[0] ?? "") : join(texts)];
    }),
  );
}

/** Branches mostly append: what was there before them, up to a line's end or an earlier choice, stays as it was. */
function joinedFile(texts: readonly string[], reason: string, marks: Marks): string {
  const common = commonStart(texts);
  const isEnd = (character: string) => character === "\n" || marks.at(character)?.kind === "choice";
  const start = common.slice(0, [...common].findLastIndex(isEnd) + 1);
  const rests = texts.map((text) => text.slice(start.length));
  return start + marks.choice(reason, rests);
}
