/**
 * A text that isn't wholly known is a string in which a private-use character, a mark, stands for each unknown stretch:
 * so it can be joined, cut into lines and searched as any string. The table says what each mark stands for.
 */
export type Mark =
  | { readonly kind: "unknown"; readonly reason: string }
  /** One of these texts; which one, the reason says, can't be known. */
  | { readonly kind: "choice"; readonly reason: string; readonly texts: readonly string[] };

const FIRST = 0xe000;
const LAST = 0xf8ff;
const ANY_MARK = /[\ue000-\uf8ff]/;

export function hasMark(text: string): boolean {
  return ANY_MARK.test(text);
}

/** Foreign text, with no character that could be taken for a mark. */
export function withoutMarks(text: string): string {
  return text.replace(/[\ue000-\uf8ff]/g, "\ufffd");
}

/** A text cut at its marks, which are pieces of their own. */
export function piecesOf(text: string): string[] {
  return text.split(/([\ue000-\uf8ff])/).filter((piece) => piece !== "");
}

export function commonStart(texts: readonly string[]): string {
  const [first = "", ...others] = texts;
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
}

export class Marks {
  readonly #marks: Mark[] = [];
  readonly #unknowns = new Map<string, string>();

  /** The same reason gives the same mark, so that equal texts stay equal. */
  unknown(reason: string): string {
    const known = this.#unknowns.get(reason);
    if (known !== undefined) return known;
    const mark = this.#add({ kind: "unknown", reason });
    this.#unknowns.set(reason, mark);
    return mark;
  }

  choice(reason: string, texts: readonly string[]): string {
    return this.#add({ kind: "choice", reason, texts });
  }

  at(character: string): Mark | undefined {
    return hasMark(character) ? this.#marks[character.charCodeAt(0) - FIRST] : undefined;
  }

  /** Why a text isn't wholly known: the reason of its first mark. */
  reasonIn(text: string): string | undefined {
    const mark = ANY_MARK.exec(text)?.[0];
    return mark === undefined ? undefined : this.at(mark)?.reason;
  }

  #add(mark: Mark): string {
    if (FIRST + this.#marks.length >= LAST) {
      this.#marks[LAST - FIRST] ??= { kind: "unknown", reason: "too much in it is unknown" };
      return String.fromCharCode(LAST);
    }
    return String.fromCharCode(FIRST + this.#marks.push(mark) - 1);
  }
}
