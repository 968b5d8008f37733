import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { Deployment } from "./support/deployment";

describe("the plain CLI in the project's folder, with a Node.js language host", () => {
  let deployment: Deployment;
  before(async () => (deployment = await Deployment.create({ stack: "dev" })));
  after(() => deployment.close());

  it("previews the program under its policies, both by Pulumi's own loader, and finds both sound", async () => {
    const { code, printed } = await deployment.cli("preview", "--policy-pack", "policies");
    expect(code, printed).to.equal(0);
    expect(printed)
      .to.match(/\+ \d+ to create/)
      .and.to.match(/spotproof@v\d+\.\d+\.\d+ \(local: policies\)/);
    expect(printed).not.to.include("[mandatory]");
  });

  it("stops an update that would break a mandatory rule before anything is asked of AWS, with the rule's message", async () => {
    const strict = path.join(deployment.folder, "strict.json");
    writeFileSync(strict, JSON.stringify({ "spot-pools": { enforcementLevel: "mandatory", minimumPools: 99 } }));
    const policies = ["--policy-pack", "policies", "--policy-pack-config", strict];
    const { code, printed } = await deployment.cli("up", "--yes", ...policies);
    expect(code).not.to.equal(0);
    expect(printed)
      .to.include("[mandatory]")
      .and.to.match(/autoscaling\.Group "spotproof-group": .*allowed: at least 99/);
    expect(deployment.account.calls).to.deep.equal([]);
  });

  it("takes a violation that is advisory for what it is", async () => {
    const lenient = path.join(deployment.folder, "lenient.json");
    writeFileSync(lenient, JSON.stringify({ all: "advisory", "spot-pools": { minimumPools: 99 } }));
    const policies = ["--policy-pack", "policies", "--policy-pack-config", lenient];
    const { code, printed } = await deployment.cli("up", "--yes", ...policies);
    expect(code, printed).to.equal(0);
    expect(printed).to.include("[advisory]").and.to.include("at least 99");
    expect(deployment.account.calls.at(-1)?.serving).to.equal(2);
  });
});
