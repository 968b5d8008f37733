import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { projectFiles, ROOT } from "./project";

/** Paths that exist on somebody's machine only. Written in halves, so that this file passes too. */
const LOCAL_PATHS = [
  ["/wo", "rk/"],
  ["/ro", "ot/"],
  ["/Us", "ers/"],
  ["/tmp/ba", "sh_jobs"],
  ["sha", "red/DESIGN.md"],
  ["sha", "red/STYLE.md"],
  ["sha", "red/aws-semantics.md"],
].map((halves) => halves.join(""));

describe("the files in git", () => {
  it("name no path of the machine that they were written on", () => {
    const found = projectFiles().flatMap((path) => {
      const text = readFileSync(join(ROOT, path), "utf8");
      return LOCAL_PATHS.filter((local) => text.includes(local)).map((local) => `${path}: ${local}`);
    });
    expect(found).to.be.empty;
  });
});
