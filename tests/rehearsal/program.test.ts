import path from "node:path";
import { expect } from "chai";
import { declareProgram } from "../../rehearsal/deploy/program";
import { PLACE } from "../support/stage";

const FILE = path.resolve("tests/fixtures/programWithoutService/index.ts");
const STACK = { project: "plain", stack: "prod", ...PLACE, config: {}, secretKeys: [] };

const declared = async (): Promise<string[]> => (await declareProgram(FILE, STACK)).map(({ type }) => type);

describe("a program", () => {
  it("declares everything anew each time", async () => {
    expect(await declared()).to.deep.equal(["aws:ecs/cluster:Cluster"]);
    expect(await declared()).to.deep.equal(["aws:ecs/cluster:Cluster"]);
  });

  it("declares everything though somebody else in this process has loaded it before", async () => {
    require.cache[FILE] = { ...module, exports: {}, loaded: true };
    expect(await declared()).to.deep.equal(["aws:ecs/cluster:Cluster"]);
  });
});
