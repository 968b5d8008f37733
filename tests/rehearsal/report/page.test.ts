import { expect } from "chai";
import { renderPage } from "../../../rehearsal/report/page";
import { breach, result, variantResult } from "../measure/results";

const text = {
  scenario: "default",
  description: "A week",
  command: "npm run rehearse -- --seed 7",
  sources: ["market: m"],
  remarks: [],
};
const notModelled = ["alarm no-capacity: nothing here measures it"];
const page = (): string =>
  renderPage(
    { result: result({ ours: variantResult({ lawsBroken: [breach(3, "task-1")], notModelled }) }), recordings: {} },
    text,
  );

describe("the page", () => {
  it("allows itself no network: nothing is loaded, sent or run but what stands in it", () => {
    const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(page())!;
    const directives = new Map(
      policy!
        .replaceAll("&#39;", "'")
        .split("; ")
        .map((each) => [each.split(" ")[0], each.split(" ").slice(1)]),
    );
    expect(directives.get("default-src")).to.deep.equal(["'none'"]);
    for (const name of ["script-src", "style-src"]) {
      expect(directives.get(name)).to.have.length(1);
      expect(directives.get(name)![0]).to.match(/^'sha256-.{44}'$/);
    }
    expect(page()).not.to.match(/<(link|img|iframe|script)[^>]+(src|href)=/);
  });

  it("tells without a script the verdict, the figures, broken laws, what isn't modelled and the command", () => {
    const body = page().slice(page().indexOf("<body>"), page().indexOf("<script"));
    for (const part of [
      "<h1>ours: ",
      "Requests failed",
      "no task is placed",
      notModelled[0]!,
      text.command,
      "market: m",
    ])
      expect(body).to.contain(part);
  });

  it("is small where little was recorded", () => {
    expect(page().length).to.be.below(200_000);
  });
});
