import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { expect } from "chai";
import { ROOT } from "./project";

/** What `npm run <script>` does in a run: exits with `code`, having left mocha's `counts` if there are any. */
interface Outcome {
  readonly code?: number;
  readonly counts?: string;
}

interface Run {
  readonly code: number | null;
  readonly lines: string[];
}

const SOUND: Readonly<Record<string, Outcome>> = {
  test: { counts: "10 0 0" },
  "test:wire": { counts: "3 0 0" },
  "test:engine": { counts: "5 0 0" },
  "test:page": { counts: "2 0 0" },
};

/** Brings the tool that tests need, as far as this test goes. */
const TOOLS = ["bin/node", "tools/pulumi/find.sh", "tools/page/find.sh"];

/** Runs `.ci/run` in a folder in which `npm` is a script of ours, and `missing` are scripts that don't find their tool. */
function run(outcomes: Readonly<Record<string, Outcome>>, missing: readonly string[] = []): Run {
  const folder = mkdtempSync(join(tmpdir(), "spotproof-ci-"));
  try {
    for (const file of [".ci/run", "bin/npm", ...TOOLS]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), `#!/usr/bin/env bash\nexit ${missing.includes(file) ? 69 : 0}\n`);
      chmodSync(join(folder, file), 0o755);
    }
    copyFileSync(join(ROOT, ".ci/run"), join(folder, ".ci/run"));
    const cases = Object.entries(outcomes).map(([script, { code = 0, counts }]) => {
      const leave = counts === undefined ? "" : `for last; do :; done; echo ${counts} >"\${last#counts=}";`;
      return `${script}) ${leave} exit ${code} ;;`;
    });
    const npm = `#!/usr/bin/env bash\ncase "$([ "$1" = run ] && echo "$2" || echo "$1")" in\n${cases.join("\n")}\nesac\n`;
    writeFileSync(join(folder, "bin/npm"), npm);
    const env = { ...process.env, PATH: [join(folder, "bin"), process.env.PATH].join(delimiter) };
    const { status, stdout } = spawnSync("bash", [join(folder, ".ci/run")], { env, encoding: "utf8" });
    return { code: status, lines: stdout.trimEnd().split("\n") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe(".ci/run", () => {
  it("sums the steps and mocha's tests on its last line", () => {
    const { code, lines } = run({ ...SOUND, test: { counts: "10 0 2" } });
    expect({ code, last: lines.at(-1) }).to.deep.equal({ code: 0, last: "27 passed, 0 failed, 2 skipped" });
    expect(lines.filter((line) => /\d+ passed, \d+ failed/.test(line))).to.have.lengthOf(1);
  });

  it("says what it skips for want of a tool, and counts it", () => {
    const withoutCli = run(SOUND, ["tools/pulumi/find.sh"]);
    expect(withoutCli.code).to.equal(0);
    expect(withoutCli.lines.at(-1)).to.equal("22 passed, 0 failed, 1 skipped");
    expect(withoutCli.lines).to.include("--- tests on the real engine: skipped, there is no Pulumi CLI");
    const withoutPython = run(SOUND, ["bin/node"]);
    expect(withoutPython.lines.at(-1)).to.equal("24 passed, 0 failed, 1 skipped");
    expect(withoutPython.lines).to.include("--- tests over the wire: skipped, there is no Python");
    const withoutBrowser = run(SOUND, ["tools/page/find.sh"]);
    expect(withoutBrowser.lines.at(-1)).to.equal("25 passed, 0 failed, 1 skipped");
    expect(withoutBrowser.lines).to.include("--- tests of the page: skipped, there is no browser");
  });

  it("goes on after a step that fails, and fails", () => {
    const { code, lines } = run({ ...SOUND, typecheck: { code: 2 } });
    expect({ code, last: lines.at(-1) }).to.deep.equal({ code: 1, last: "26 passed, 1 failed, 0 skipped" });
  });

  it("counts mocha's failures", () => {
    const { code, lines } = run({ ...SOUND, test: { code: 3, counts: "7 3 0" } });
    expect({ code, last: lines.at(-1) }).to.deep.equal({ code: 1, last: "24 passed, 3 failed, 0 skipped" });
    const beside = run({ ...SOUND, "test:wire": { code: 2, counts: "1 2 0" } });
    expect({ code: beside.code, last: beside.lines.at(-1) }).to.deep.equal({
      code: 1,
      last: "25 passed, 2 failed, 0 skipped",
    });
  });

  it("counts mocha's crash as one failure, before and after its counts", () => {
    for (const outcome of [{ code: 1 }, { code: 0 }]) {
      const { code, lines } = run({ ...SOUND, test: outcome });
      expect({ code, last: lines.at(-1) }).to.deep.equal({ code: 1, last: "17 passed, 1 failed, 0 skipped" });
    }
    const { code, lines } = run({ ...SOUND, test: { code: 1, counts: "10 0 0" } });
    expect({ code, last: lines.at(-1) }).to.deep.equal({ code: 1, last: "27 passed, 1 failed, 0 skipped" });
  });

  it("stops at an install that fails, and still prints the line", () => {
    const { code, lines } = run({ ci: { code: 1 } });
    expect({ code, last: lines.at(-1) }).to.deep.equal({ code: 1, last: "0 passed, 1 failed, 0 skipped" });
  });
});
