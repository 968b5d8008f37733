import { expect } from "chai";
import { filled } from "../../tools/docs/markers";
import { filledPage, generatedParts } from "../../tools/docs/pages";
import { readText } from "./project";

describe("the parts of the guides that follow from the code", () => {
  let parts: Awaited<ReturnType<typeof generatedParts>>;
  before(async function () {
    this.timeout(60_000);
    parts = await generatedParts();
  });

  for (const page of ["docs/cost.md", "docs/deployer-permissions.md", "docs/pulumi-deployments.md"]) {
    it(`are as tools/docs/pages.ts writes them: ${page}`, () => {
      const text = readText(page);
      expect(filledPage(text, parts[page]!), "run: npm run docs:pages").to.equal(text);
    });
  }

  it("have all their pages above", () => {
    expect(Object.keys(parts)).to.have.lengthOf(3);
  });

  it("go between markers, which must be there", () => {
    expect(filled("a\n<!-- x -->\nold\n<!-- /x -->\nb", "x", "new")).to.equal("a\n<!-- x -->\nnew\n<!-- /x -->\nb");
    expect(() => filled("a", "x", "new")).to.throw("<!-- x -->");
  });
});
