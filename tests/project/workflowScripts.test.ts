import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect } from "chai";
import { ROOT } from "./project";

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** One line a call of a command of ours: its arguments, and the file that follows `body=@`. */
  readonly calls: string[];
}

interface Given {
  /** Bash bodies by the name of the command that they stand for. */
  readonly commands: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** The text of `preview.txt`, which is the script's argument. */
  readonly preview?: string;
}

const RECORD = `echo "$(basename "$0") $*" >>"$CALLS"; for word; do case $word in body=@*) cat "\${word#body=@}" >>"$CALLS" ;; esac; done`;

/** Runs a script of the workflows with commands of ours first on its path. */
function run(script: string, { commands, env, preview = "" }: Given): Run {
  const folder = mkdtempSync(join(tmpdir(), "spotproof-script-"));
  try {
    const calls = join(folder, "calls");
    writeFileSync(calls, "");
    writeFileSync(join(folder, "preview.txt"), preview);
    for (const [name, body] of Object.entries(commands)) {
      writeFileSync(join(folder, name), `#!/usr/bin/env bash\n${RECORD}\n${body}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    const PATH = [folder, process.env.PATH].join(delimiter);
    const { status, stdout, stderr } = spawnSync("bash", [join(ROOT, ".github/scripts", script), "preview.txt"], {
      cwd: folder,
      env: { ...process.env, ...env, PATH, CALLS: calls },
      encoding: "utf8",
    });
    const lines = readFileSync(calls, "utf8").trimEnd().split("\n");
    return { code: status, out: stdout, err: stderr, calls: lines };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("commentPreview.sh", () => {
  const env = { STACK: "dev", OUTCOME: "failure", PULL_REQUEST: "7", GITHUB_REPOSITORY: "example-org/spotproof" };
  const comment = (gh: string, preview = "+ aws:ecs/cluster:Cluster"): Run =>
    run("commentPreview.sh", { commands: { gh }, env, preview });

  it("writes a comment with the stack, the outcome and the preview's text", () => {
    const { code, calls } = comment("");
    expect(code).to.equal(0);
    const written = calls.findIndex((call) => call.startsWith("gh api --method POST"));
    expect(calls[written]).to.include("repos/example-org/spotproof/issues/7/comments");
    const body = calls.slice(written + 1);
    expect(body[0]).to.equal("<!-- preview of dev -->");
    expect(body.join("\n")).to.include("Preview of `dev`: failure").and.include("+ aws:ecs/cluster:Cluster");
  });

  it("replaces the stack's earlier comment", () => {
    const { code, calls } = comment(`case "$*" in *--jq*) echo 41; echo 42 ;; esac`);
    expect(code).to.equal(0);
    expect(calls.filter((call) => call.includes("--method"))).to.deep.equal([
      calls.find((call) => call.startsWith("gh api --method PATCH repos/example-org/spotproof/issues/comments/41 ")),
    ]);
  });

  it("keeps the end of a text that is too long for a comment", () => {
    const { calls } = comment("", `${"begin\n".repeat(20_000)}the end`);
    expect(calls.join("\n").length).to.be.below(65_536);
    expect(calls.join("\n")).to.include("the end").and.include("The last 60000 bytes");
  });

  it("fails where GitHub refuses", () => {
    expect(comment("exit 1").code).not.to.equal(0);
  });
});

describe("checkService.sh", () => {
  const pulumi = `case "$3" in url) echo http://lb.example.org ;; *) echo "the-$3" ;; esac`;
  const check = (statuses: readonly string[], commands: Record<string, string> = {}, env = {}): Run => {
    const answers = statuses.map((status, index) => `[ "$n" -eq ${index + 1} ] && echo ${status}`).join("\n");
    const aws = `n=$(grep -c "^aws ecs list-service-deployments" "$CALLS")\ncase "$2" in list-service-deployments) ${answers}\n;; esac\nexit 0`;
    const given = { pulumi, aws, curl: "exit 0", sleep: "exit 0", ...commands };
    return run("checkService.sh", {
      commands: given,
      env: { PULUMI_STACK: "example-org/spotproof/dev", HEALTH_URL: "", ...env },
    });
  };

  it("waits until the newest deployment has succeeded, then asks the URL", () => {
    const { code, out, calls } = check(["PENDING", "IN_PROGRESS", "SUCCESSFUL"]);
    expect({ code, last: out.trim() }).to.deep.equal({
      code: 0,
      last: "the-serviceName is deployed, and http://lb.example.org answers.",
    });
    expect(calls.find((call) => call.startsWith("aws"))).to.include(
      "--cluster the-clusterName --service the-serviceName",
    );
    expect(calls.filter((call) => call.startsWith("sleep"))).to.have.lengthOf(2);
  });

  for (const status of ["ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED", "STOPPED"]) {
    it(`fails when the deployment is ${status}, although the service may be healthy`, () => {
      const { code, err, calls } = check(["IN_PROGRESS", status]);
      expect(code).to.equal(1);
      expect(err).to.include(`is ${status}, not SUCCESSFUL`);
      expect(calls.some((call) => call.startsWith("curl"))).to.equal(false);
    });
  }

  it("gives up after a while", () => {
    const { code, err } = check(Array.from({ length: 100 }, () => "IN_PROGRESS"));
    expect(code).to.equal(1);
    expect(err).to.include("is IN_PROGRESS");
  });

  it("asks the URL that is given where there is one, and fails when it doesn't answer", () => {
    const { code, calls } = check(["SUCCESSFUL"], { curl: "exit 22" }, { HEALTH_URL: "https://shop.example.org/" });
    expect(code).to.equal(22);
    expect(calls.find((call) => call.startsWith("curl"))).to.match(/https:\/\/shop\.example\.org\/$/);
  });
});
