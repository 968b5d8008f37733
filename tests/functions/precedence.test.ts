import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { ACTIVITIES, reasonToLeaveTurn, RULES, type Activity } from "../../functions/precedence";

describe("who may act when", () => {
  it("lets a drain and the fallback act whatever goes on", () => {
    assert.deepEqual(new Set([...Object.values(RULES.drain), ...Object.values(RULES.fallback)]), new Set(["acts"]));
  });

  it("lets nobody move tasks while an instance drains, and says so", () => {
    const quiet = {
      draining: false,
      deployment: false,
      shortage: false,
      scaleIn: false,
      refresh: false,
      returnToSpot: false,
    };
    assert.equal(reasonToLeaveTurn("rebalance", quiet), undefined);
    assert.equal(reasonToLeaveTurn("rebalance", { ...quiet, draining: true }), "an instance drains");
  });

  it("names the first of several reasons, in one order for all", () => {
    const goesOn = { draining: false, deployment: true, shortage: true, rebalance: true };
    assert.equal(reasonToLeaveTurn("scaleIn", goesOn), "a deployment is in progress");
  });

  it("is documented as it is", () => {
    const text = readFileSync(path.join(__dirname, "../../docs/who-acts-when.md"), "utf8");
    const rows = text.split("\n").filter((line) => line.startsWith("| `"));
    const documented = rows.map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    const expected = Object.entries(RULES).map(([actor, rules]) => [
      `\`${actor}\``,
      ...(Object.keys(ACTIVITIES) as Activity[]).map((activity) => rules[activity]),
    ]);
    assert.deepEqual(documented, expected);
  });
});
