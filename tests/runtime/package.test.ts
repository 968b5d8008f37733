import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../project/project";

/** Uses the package as somebody who has installed it: no TypeScript, nothing of ours but what is in it. */
const SCRIPT = `
const { WorkProtection, agentProtection, gracefulShutdown, protectRequests } = require("spotproof-runtime");
const server = require("node:http").createServer();
gracefulShutdown(server, { stopTimeoutSeconds: 60 });
const work = new WorkProtection({ protection: agentProtection(), report: ({ kind, error }) => {
  console.log(kind, error.kind);
  process.exit(0);
} });
protectRequests(work);
work.begin();
setTimeout(() => process.exit(1), 10_000);
`;

/** As npm's scripts have it, with the repository's compiler. */
const PATH = [join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);

describe("the runtime's package", () => {
  let folder: string;
  let files: string[];

  before(function () {
    this.timeout(120_000);
    // Inside the repository, so that the compiler finds its types, and out of the way of whoever reads runtime/.
    const cache = join(ROOT, ".cache");
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, "runtime-package-"));
    const source = join(folder, "source");
    cpSync(join(ROOT, "runtime"), source, { recursive: true, filter: (path) => !/\/(dist|node_modules)$/.test(path) });
    execFileSync("npm", ["pack", "--pack-destination", folder, "--loglevel", "error"], {
      cwd: source,
      env: { ...process.env, PATH },
    });
    const tarball = join(
      folder,
      readdirSync(folder).find((name) => name.endsWith(".tgz"))!,
    );
    const installed = join(folder, "node_modules/spotproof-runtime");
    mkdirSync(installed, { recursive: true });
    execFileSync("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
    files = execFileSync("tar", ["-tzf", tarball], { encoding: "utf8" }).split("\n");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const installed = (path: string): string => join(folder, "node_modules/spotproof-runtime", path);

  it("has JavaScript, types, examples and the image's Dockerfile, and no TypeScript to build", () => {
    expect(files).to.include.members([
      "package/dist/index.js",
      "package/dist/index.d.ts",
      "package/dist/sidecar/main.js",
      "package/examples/client.py",
      "package/examples/client.go",
      "package/examples/worker.py",
      "package/examples/worker.go",
      "package/Dockerfile",
      "package/README.md",
    ]);
    const sources = files.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"));
    expect(sources.sort()).to.deep.equal(
      ["idempotentWorker", "server", "worker"].map((name) => `package/examples/${name}.ts`),
    );
  });

  it("depends on nothing, and its paths exist", () => {
    const read = JSON.parse(readFileSync(installed("package.json"), "utf8")) as Record<string, unknown>;
    expect(read).to.not.have.any.keys("dependencies", "peerDependencies", "private");
    const { main, types, bin } = read as { main: string; types: string; bin: Record<string, string> };
    for (const path of [main, types, ...Object.values(bin)]) expect(existsSync(installed(path)), path).to.equal(true);
  });

  it("runs from a plain script of Node.js", () => {
    const script = join(folder, "use.js");
    writeFileSync(script, SCRIPT);
    const said = execFileSync("node", [script], { encoding: "utf8", env: { PATH } });
    expect(said).to.equal("failed notOnEcs\n");
  });

  it("starts the sidecar as the image does", () => {
    expect(readFileSync(installed("Dockerfile"), "utf8")).to.include('ENTRYPOINT ["node", "dist/sidecar/main.js"]');
    const start = (): string =>
      execFileSync("node", [installed("dist/sidecar/main.js")], { encoding: "utf8", env: { PATH } });
    expect(start).to.throw().with.property("stdout").that.includes("ECS_AGENT_URI is not set");
  });

  it("is typed for who imports it", () => {
    const consumer = join(folder, "consumer.ts");
    const lines = [
      `import { sdkProtection, WorkProtection, type ProtectionEvent } from "spotproof-runtime";`,
      `const kinds: ProtectionEvent["kind"][] = [];`,
      `declare const ecs: Parameters<typeof sdkProtection>[0]["ecs"];`,
      `const work = new WorkProtection({ protection: sdkProtection({ ecs }), report: (event) => kinds.push(event.kind) });`,
      `const end: () => void = work.begin();`,
      `// @ts-expect-error: a unit has no name`,
      `work.begin("job");`,
      `end();`,
    ];
    writeFileSync(consumer, lines.join("\n"));
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", "node"];
    execFileSync("tsc", [...options, "--skipLibCheck", consumer], { cwd: folder, encoding: "utf8", env: { PATH } });
  }).timeout(60_000);
});
