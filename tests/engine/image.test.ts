import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { Deployment, type Outcome } from "./support/deployment";
import { GIVEN_VPC } from "./support/networks";
import { changes, leastServing, steps, succeeded } from "./support/outcomes";

const ARM = { instanceTypes: ["m6g.large", "m7g.large", "c7g.large"] };

/** A work tree with one commit. */
function workTree(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "spotproof-image-"));
  writeFileSync(path.join(folder, "Dockerfile"), "FROM scratch\n");
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, stdio: "pipe" });
  const author = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"];
  git("init", "--quiet");
  git("add", ".");
  git(...author, "commit", "--quiet", "--no-gpg-sign", "--message", "first");
  return folder;
}

describe("an image that is built from a folder", () => {
  const folder = workTree();
  let deployment: Deployment;
  const up = async (): Promise<Outcome> => {
    const done = succeeded(await deployment.up());
    expect(changes(succeeded(await deployment.preview()))).to.deep.equal({});
    return done;
  };
  const digests = (): string[] => {
    const { digests: all } = deployment.account.all("aws:ecr/repository:Repository")[0]!.live;
    return Object.values(all as Record<string, string>);
  };
  const running = (): string => {
    const [service] = deployment.account.all("aws:ecs/service:Service");
    const definition = deployment.account.find(
      "aws:ecs/taskDefinition:TaskDefinition",
      String(service?.props.taskDefinition),
    );
    return (JSON.parse(String(definition?.props.containerDefinitions)) as { image: string }[])[0]!.image;
  };

  before(async () => {
    deployment = await Deployment.create({ config: { ...GIVEN_VPC, image: folder } });
    await up();
  });
  after(() => {
    deployment.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is pushed to a repository of its own, and run by its digest", () => {
    const [repository] = deployment.account.all("aws:ecr/repository:Repository");
    expect(digests()).to.have.length(1);
    expect(running()).to.equal(`${String(repository?.props.repositoryUrl)}@${digests()[0]}`);
  });

  it("isn't built anew from what it was built from", async () => {
    deployment.configure({ stopTimeoutSeconds: 50 });
    const calls = (await up()).calls.map(({ type }) => type);
    expect(calls).to.include("aws:ecs/taskDefinition:TaskDefinition").and.not.include("docker-build:index:Image");
  });

  it("is built anew from a changed file, and the old one is kept for the tasks that still start from it", async () => {
    const before = running();
    writeFileSync(path.join(folder, "index.html"), "changed");
    const done = await up();
    expect(leastServing(done)).to.equal(2);
    expect(running()).not.to.equal(before);
    expect(digests()).to.have.length(2);
    expect(before.endsWith(digests()[0]!)).to.equal(true);
  });

  it("is built anew for another architecture, under another tag", async () => {
    deployment.configure(ARM);
    expect(leastServing(await up())).to.equal(2);
    expect(digests()).to.have.length(3);
  });

  it("goes with its repository", async () => {
    const done = succeeded(await deployment.destroy());
    expect(steps(done)).not.to.be.empty;
    expect(deployment.account.all("aws:ecr/repository:Repository")).to.be.empty;
  });
});
