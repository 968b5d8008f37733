import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageVersion } from "../../../components/task/imageVersion";

const COMMITTED = "2026-03-01T23:30:00-05:00";

describe("the version of an image that is built", () => {
  let root: string;
  let context: string;
  let commit: string;

  const git = (...args: string[]): string => {
    const who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    const env = { ...process.env, GIT_COMMITTER_DATE: COMMITTED, GIT_AUTHOR_DATE: "2020-01-01T00:00:00Z" };
    return execFileSync("git", [...who, ...args], { cwd: root, env, encoding: "utf8", stdio: "pipe" }).trim();
  };
  const write = (path: string, text: string): void => writeFileSync(join(root, path), text);
  const version = (dockerfile?: string): string => imageVersion({ context, dockerfile });

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "spotproof-image-")));
    context = join(root, "app");
    mkdirSync(context);
    write("app/Dockerfile", "FROM scratch\n");
    write("app/server.js", "serve();\n");
    write(".gitignore", "node_modules\n");
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "--message", "first");
    commit = git("rev-parse", "HEAD").slice(0, 12);
  });

  afterEach(() => rmSync(root, { recursive: true }));

  it("is the commit and the day on which it was committed, in UTC", () => {
    expect(version()).to.equal(`${commit}-20260302`);
  });

  it("stays the same whatever changes outside the folder, and whatever git ignores", () => {
    const before = version();
    write("README.md", "changed\n");
    mkdirSync(join(context, "node_modules"));
    write("app/node_modules/package.js", "installed\n");
    expect(version()).to.equal(before);
  });

  it("tells what isn't committed, and is another one for every difference", () => {
    const versions = new Set([version()]);
    const changes: (() => void)[] = [
      () => write("app/server.js", "serveFaster();\n"),
      () => write("app/server.js", "serveFastest();\n"),
      () => write("app/new.js", "first\n"),
      () => write("app/new.js", "second\n"),
      () => chmodSync(join(context, "new.js"), 0o755),
      () => symlinkSync("server.js", join(context, "link.js")),
      () => rmSync(join(context, "server.js")),
    ];
    for (const change of changes) {
      change();
      versions.add(version());
    }
    expect(versions.size).to.equal(changes.length + 1);
    const [, ...dirty] = [...versions];
    for (const each of dirty) expect(each).to.match(new RegExp(`^${commit}-20260302-dirty-[0-9a-f]{12}$`));
  });

  it("is the clean one again once the difference is taken back", () => {
    const before = version();
    write("app/server.js", "serveFaster();\n");
    git("checkout", "--quiet", "--", "app");
    expect(version()).to.equal(before);
  });

  it("looks at a Dockerfile outside the folder, too", () => {
    write("Dockerfile.web", "FROM scratch\n");
    expect(version()).not.to.contain("dirty");
    expect(version(join(root, "Dockerfile.web"))).to.contain("-dirty-");
  });
});
