import { expect } from "chai";
import { projectFiles, readPackage, readText } from "./project";

/** The commands inside the fenced blocks of a Markdown text, one per line. */
function fencedLines(markdown: string): string[] {
  const fences = /^```[^\n]*\n([\s\S]*?)^```/gm;
  return [...markdown.matchAll(fences)].flatMap(([, body = ""]) => body.split("\n"));
}

/** `npm run lint -- --fix` → `lint`; `npm test` → `test`. */
function npmScripts(lines: string[]): string[] {
  const runs = /\bnpm (?:run(?:-script)? (?:-s |--silent )?([\w:-]+)|(test|start))\b/g;
  return lines.flatMap((line) => [...line.matchAll(runs)].map(([, run, short]) => run ?? short ?? ""));
}

/** The npm scripts that a document tells its reader to run. */
const scriptsNamedIn = (path: string): string[] => npmScripts(fencedLines(readText(path)));

describe("the documents", () => {
  it("say in the README how to test and how to rehearse", () => {
    expect(scriptsNamedIn("README.md")).to.include.members(["test", "rehearse"]);
  });

  it("name only npm scripts that exist", () => {
    const scripts = Object.keys(readPackage().scripts);
    const unknown = projectFiles()
      .filter((path) => path.endsWith(".md"))
      .flatMap((path) => scriptsNamedIn(path).map((script) => ({ path, script })))
      .filter(({ script }) => !scripts.includes(script));
    expect(unknown).to.be.empty;
  });
});
