import path from "node:path";
import { expect } from "chai";
import { ROOT } from "../project/project";
import { Deployment } from "./support/deployment";
import { succeeded, violations } from "./support/outcomes";

const PACK = path.join(ROOT, "policies");

describe("the policy pack in the real engine", () => {
  let deployment: Deployment;
  afterEach(() => deployment.close());

  for (const stack of ["dev", "prod"]) {
    it(`finds nothing in the ${stack} stack, previewed, made and changed`, async () => {
      deployment = await Deployment.create({ stack, policyPacks: [PACK] });
      // What only AWS knows before the first update can't be told yet.
      const undecided = violations(succeeded(await deployment.preview())).map(({ rule }) => rule);
      expect(new Set(undecided)).to.deep.equal(new Set(["undecided advisory"]));
      expect(violations(succeeded(await deployment.up()))).to.deep.equal([]);
      deployment.configure({ stopTimeoutSeconds: 40 });
      expect(violations(succeeded(await deployment.preview()))).to.deep.equal([]);
    });
  }

  it("stops the preview of a stack that nobody made safe, with what was found, what is allowed and what to change", async () => {
    const program = path.join(ROOT, "rehearsal/baselines/unhandled.ts");
    deployment = await Deployment.create({ stack: "prod", program, policyPacks: [PACK] });
    const preview = await deployment.preview();
    expect(preview.error).not.to.equal(undefined);
    const found = violations(preview);
    expect(found.map(({ rule }) => rule)).to.include.members(["draining-enabled mandatory", "time-budget mandatory"]);
    expect(found.find(({ rule }) => rule === "time-budget mandatory")?.message).to.match(
      /"plain": .*; allowed: .*120.*; .*/,
    );
  });
});
