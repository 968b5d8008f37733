import { expect } from "chai";
import { commandOf } from "../../../rehearsal/report/command";

describe("the command that gives a rehearsal again", () => {
  it("is the one that was given, with its seed", () => {
    expect(commandOf(["--days", "1"], 7)).to.equal("npm run rehearse -- --days 1 --seed 7");
    expect(commandOf(["--seed", "7", "--days", "1"], 7)).to.equal("npm run rehearse -- --seed 7 --days 1");
    expect(commandOf(["--seed=7"], 7)).to.equal("npm run rehearse -- --seed=7");
  });

  it("leaves out where things were written to", () => {
    const written = [
      "--json",
      "a.json",
      "--report=x.html",
      "--quiet",
      "--no-report",
      "--log",
      "l",
      "--log-variant",
      "v",
    ];
    expect(commandOf([...written, "--exact"], 1)).to.equal("npm run rehearse -- --exact --seed 1");
  });

  it("quotes what a shell would take apart", () => {
    expect(commandOf(["--program", "it's my.ts"], 1)).to.equal(
      `npm run rehearse -- --program 'it'\\''s my.ts' --seed 1`,
    );
  });
});
