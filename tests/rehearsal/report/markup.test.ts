import { expect } from "chai";
import fc from "fast-check";
import { markup } from "../../../rehearsal/report/markup";

describe("markup", () => {
  it("lets nothing from outside become a tag, an attribute or an entity", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { text: page } = markup`<p title="${text}">${text}</p>`;
        expect(page.match(/[<>"]/g)?.join("")).to.equal(`<"">` + `<>`);
        expect(page).not.to.match(/&(?!amp;|lt;|gt;|quot;|#39;)/);
      }),
    );
  });

  it("puts markup into markup as it is, and nothing for what there isn't", () => {
    const items = ["a", "b"].map((each) => markup`<i>${each}</i>`);
    expect(markup`<p>${items}${undefined}${false}${0}</p>`.text).to.equal("<p><i>a</i><i>b</i>0</p>");
  });
});
